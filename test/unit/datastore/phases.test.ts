import { expect, test } from 'vitest';
import { phasesOf, type Subject } from '../../../shared/datastore/phases.ts';

const OTHER = '10.0.0.4/30';
const OWN = '10.0.0.0/30';
const affinity = (block: string, gone = false, stored = ''): Subject => ({ about: 'affinity', block, gone, stored });
const block = (cidr: string, gone = false): Subject => ({ about: 'block', block: cidr, gone, own: cidr === OWN });
const handle = (gives: boolean): Subject => ({ about: 'handle', gives });
const endpoint = (gone: boolean): Subject => ({ about: 'endpoint', gone });

/** The phases in words. */
const words = (...changes: readonly Subject[]): readonly string[] =>
  phasesOf(changes).map((phase) =>
    phase
      .map(({ change, as }) => {
        const name = 'block' in change ? `${change.about} ${change.block === OWN ? 'own' : 'other'}` : change.about;
        return as === 'final' ? name : `${name} ${as}`;
      })
      .join(', '),
  );

test('an ADD that claims a block announces it, and shows the endpoint once the block is in', () => {
  expect(words(endpoint(false), handle(false), block(OWN), affinity(OWN), { about: 'other' })).toEqual([
    'affinity own pending, other',
    'block own',
    'endpoint, handle, affinity own',
  ]);
});

test('a claim that is pending already is not announced again', () => {
  expect(words(block(OWN), affinity(OWN, false, 'pending'))).toEqual(['block own', 'affinity own']);
});

test('an ADD writes the handle after an own block and before a foreign one', () => {
  expect(words(endpoint(false), block(OTHER), block(OWN), handle(false))).toEqual([
    'block own',
    'handle',
    'block other',
    'endpoint',
  ]);
});

test('a DEL takes the endpoint first, and the handle after foreign blocks and before own ones', () => {
  expect(words(handle(true), block(OWN), block(OTHER), endpoint(true))).toEqual([
    'endpoint',
    'block other',
    'handle',
    'block own',
  ]);
});

test('a DEL without foreign blocks takes the endpoint together with the handle', () => {
  expect(words(handle(true), block(OWN), endpoint(true))).toEqual(['handle, endpoint', 'block own']);
});

test('an affinity goes after its block, and says so before', () => {
  expect(words(affinity(OWN, true, 'confirmed'), block(OWN, true))).toEqual([
    'affinity own pendingDeletion',
    'block own',
    'affinity own',
  ]);
  expect(words(endpoint(true), affinity(OWN, true, 'confirmed'), handle(true), block(OWN, true))).toEqual([
    'affinity own pendingDeletion',
    'endpoint, handle',
    'block own',
    'affinity own',
  ]);
});

test('an affinity without a block to write is one write', () => {
  expect(words(affinity(OTHER, true, 'confirmed'))).toEqual(['affinity other']);
});

test('nothing to write has no phases', () => {
  expect(phasesOf([])).toEqual([]);
});
