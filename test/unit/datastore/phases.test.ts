import { expect, test } from 'vitest';
import { phasesOf, type Subject } from '../../../shared/datastore/phases.ts';

const OTHER = '10.0.0.4/30';
const OWN = '10.0.0.0/30';
const affinity = (block: string, gone = false, stored = ''): Subject => ({ about: 'affinity', block, gone, stored });
const block = (cidr: string, gone = false): Subject => ({ about: 'block', block: cidr, gone, own: cidr === OWN });
const handle = (gives: boolean): Subject => ({ about: 'handle', gives });
const endpoint = (gone: boolean): Subject => ({ about: 'endpoint', gone });

/** The phases as text. */
const words = (...changes: readonly Subject[]): readonly string[] =>
  phasesOf(changes).map((phase) =>
    phase
      .map(({ change, as }) => {
        const name = 'block' in change ? `${change.about} ${change.block === OWN ? 'own' : 'other'}` : change.about;
        return as === 'final' ? name : `${name} ${as}`;
      })
      .join(', '),
  );

test('an ADD that claims a block announces the claim, and writes the endpoint after the block', () => {
  expect(words(endpoint(false), handle(false), block(OWN), affinity(OWN), { about: 'other' })).toEqual([
    'affinity own pending, other',
    'block own',
    'endpoint, handle, affinity own',
  ]);
});

test('a pending affinity is not announced again', () => {
  expect(words(block(OWN), affinity(OWN, false, 'pending'))).toEqual(['block own', 'affinity own']);
});

test('an ADD writes the handle after its own block and before another node’s', () => {
  expect(words(endpoint(false), block(OTHER), block(OWN), handle(false))).toEqual([
    'block own',
    'handle',
    'block other',
    'endpoint',
  ]);
});

test('a DEL deletes the endpoint first, and writes the handle after other nodes’ blocks and before its own', () => {
  expect(words(handle(true), block(OWN), block(OTHER), endpoint(true))).toEqual([
    'endpoint',
    'block other',
    'handle',
    'block own',
  ]);
});

test('a DEL without other nodes’ blocks deletes the endpoint together with the handle', () => {
  expect(words(handle(true), block(OWN), endpoint(true))).toEqual(['handle, endpoint', 'block own']);
});

const shared = (gives: boolean): Subject => ({ about: 'handle', gives, shared: true });

test('a virtual machine’s handle always leads to its addresses: an ADD writes it first, a DEL last', () => {
  expect(words(endpoint(false), block(OWN), shared(false), affinity(OWN))).toEqual([
    'handle, affinity own pending',
    'block own',
    'endpoint, affinity own',
  ]);
  expect(words(shared(true), block(OWN), block(OTHER))).toEqual(['block own, block other', 'handle']);
});

test('an ADD that corrects a handle which counted too much writes the endpoint last as well', () => {
  expect(words(endpoint(false), handle(true), block(OTHER))).toEqual(['handle', 'block other', 'endpoint']);
  expect(words(endpoint(false), shared(true), block(OWN))).toEqual(['handle', 'block own', 'endpoint']);
});

test('an affinity is marked for deletion before its block goes, and deleted afterwards', () => {
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

test('no changes, no phases', () => {
  expect(phasesOf([])).toEqual([]);
});
