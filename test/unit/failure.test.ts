import { describe, expect, it, test } from 'vitest';
import { isOutcomeUnknown, isUnavailable, unavailable } from '../../shared/datastore/unavailable.ts';
import { CODE_OF } from '../../shared/error/cni-codes.ts';
import { CniError, failure, isKnownFailure, toCniError } from '../../shared/error/error.ts';
import { Failure, type FailureKind } from '../../shared/error/failure.ts';

test.each<[FailureKind, number]>([
  ['datastore unavailable', 11],
  ['datastore full', 11],
  ['datastore refuses', 999],
  ['api server unavailable', 11],
  ['api server refuses', 999],
  ['tls not accepted', 999],
  ['input or output failed', 5],
])('%s is printed as CNI error %i', (kind, code) => {
  const cause = new Error('below');
  const error = toCniError(new Failure(kind, 'it failed', { where: 'http://a:1: no', remedy: 'mend it', cause }));
  expect(error).toBeInstanceOf(CniError);
  expect(error).toMatchObject({ code, message: 'it failed', details: 'http://a:1: no; mend it' });
});

test('every kind of failure is in the test above', () => {
  expect(Object.keys(CODE_OF)).toHaveLength(7);
});

describe('the details of a failure', () => {
  it.each([
    [{}, undefined],
    [{ where: '', remedy: '' }, undefined],
    [{ where: '/etc/x' }, '/etc/x'],
    [{ remedy: 'mend it' }, 'mend it'],
  ])('of %j are %j', (circumstances, details) => {
    expect(toCniError(new Failure('tls not accepted', 'it failed', circumstances)).details).toBe(details);
  });
});

it('knows a datastore that is out of reach from one that refuses', () => {
  const gone = unavailable('unreachable', 'etcd cannot be reached: a', 'a: refused');
  const inDoubt = unavailable('outcome unknown', 'etcd did not say', 'a: lost');
  expect([gone, inDoubt].map(isUnavailable)).toEqual([true, true]);
  expect([gone, inDoubt].map(isOutcomeUnknown)).toEqual([false, true]);
  expect([new Failure('datastore refuses', 'no'), failure('no'), new Error('no')].map(isUnavailable)).toEqual(
    Array(3).fill(false),
  );
});

it('knows its own failures from an engine’s', () => {
  const known = [failure('no'), new Failure('datastore full', 'no'), unavailable('timed out', 'no')];
  expect(known.map(isKnownFailure)).toEqual([true, true, true]);
  expect([new TypeError('no'), new Error('no'), 'no'].map(isKnownFailure)).toEqual([false, false, false]);
});
