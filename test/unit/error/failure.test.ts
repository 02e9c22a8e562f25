import { describe, expect, it, test } from 'vitest';
import { CniError, CODE_OF, delegateFailure, toCniError } from '../../../shared/cni/cni-error.ts';
import { isOutcomeUnknown, isUnavailable, unavailable } from '../../../shared/datastore/unavailable.ts';
import { engineErrorOf } from '../../../shared/error/engine-error.ts';
import { Failure, type FailureKind, failure } from '../../../shared/error/failure.ts';
import { asKind, toFailure, withContext, withDetails } from '../../../shared/error/failure-context.ts';

test.each<[FailureKind, number]>([
  ['incompatible version', 1],
  ['invalid environment', 4],
  ['input or output failed', 5],
  ['cannot decode', 6],
  ['invalid network configuration', 7],
  ['invalid network namespace', 8],
  ['try again later', 11],
  ['datastore unavailable', 11],
  ['datastore full', 11],
  ['api server unavailable', 11],
  ['plugin not available', 50],
  ['limited connectivity', 51],
  ['datastore test failed', 100],
  ['refused', 999],
  ['internal error', 999],
  ['datastore refuses', 999],
  ['api server refuses', 999],
  ['tls not accepted', 999],
  ['file missing', 999],
])('%s is printed as CNI error %i', (kind, code) => {
  const cause = new Error('below');
  const error = toCniError(new Failure(kind, 'it failed', { where: 'http://a:1: no', remedy: 'mend it', cause }));
  expect(error).toBeInstanceOf(CniError);
  expect(error).toMatchObject({ code, message: 'it failed', details: 'http://a:1: no; mend it' });
});

test('every kind of failure with a code is in the test above', () => {
  expect(Object.keys(CODE_OF)).toHaveLength(19);
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

/** As QuickJS throws it. */
class OutOfMemory extends Error {
  override readonly name = 'InternalError';
}

describe('anything thrown becomes a failure', () => {
  it('which it stays when it is one', () => {
    const known = [failure('no'), new Failure('datastore full', 'no'), unavailable('timed out', 'no')];
    expect(known.map((each) => toFailure(each))).toEqual(known);
  });

  it.each([new Error('no'), 'no'])('in its own words when it is none: %s', (thrown) => {
    expect(toFailure(thrown)).toMatchObject({ kind: 'refused', message: 'no', details: undefined });
  });

  it('naming the step when the program itself failed', () => {
    const thrown = new TypeError('x is undefined');
    const failed = toFailure(thrown, 'serving ADD');
    expect(failed).toMatchObject({ kind: 'internal error', message: 'internal error while serving ADD' });
    expect(failed.details).toMatch(/^in .*; this is a fault of this program, please report it/);
    expect(engineErrorOf(failed)).toBe(thrown);
    expect(engineErrorOf(asKind('plugin not available', failed))).toBe(thrown);
  });

  it.each([new OutOfMemory('out of memory'), null, undefined])(
    'that says so when there was no memory: %s',
    (thrown) => {
      const failed = toFailure(thrown, 'serving ADD');
      expect(failed).toMatchObject({ kind: 'internal error', message: 'out of memory while serving ADD' });
      expect(failed.details).toBe(
        'see the limits on memory of the process that started it: ulimit -v, and its memory cgroup',
      );
    },
  );

  it('without an engine’s error where the program did not fail', () => {
    expect(engineErrorOf(failure('not JSON', undefined, new SyntaxError('at 1')))).toBeUndefined();
  });
});

describe('what is added to a failure on its way', () => {
  const full = new Failure('datastore full', 'etcd is full', { where: 'a', remedy: 'compact it' });

  it('is said before its message', () => {
    const failed = withContext('getting the pod', full);
    expect(failed).toMatchObject({ kind: 'datastore full', message: 'getting the pod: etcd is full' });
    expect(failed).toMatchObject({ where: 'a', remedy: 'compact it', cause: full });
  });

  it('is said after its details', () => {
    expect(withDetails(full, ['b', 'c'])).toMatchObject({ message: 'etcd is full', details: 'a; compact it; b; c' });
    expect(withDetails(failure('no'), ['b']).details).toBe('b');
  });

  it('or is another kind', () => {
    const failed = asKind('plugin not available', full);
    expect(failed).toMatchObject({ kind: 'plugin not available', message: 'etcd is full', details: 'a; compact it' });
  });
});

describe('the failure of another plugin', () => {
  it.each([
    [7, 7],
    [51, 51],
    [123, 123],
    [0, 999],
  ])('that printed code %i is printed with %i, whatever was added to it', (said, code) => {
    const failed = delegateFailure(said, 'no', 'why');
    expect(toCniError(failed)).toMatchObject({ code, message: 'no', details: 'why' });
    const added = withDetails(withContext('IPAM', failed), ['also: x']);
    expect(toCniError(added)).toMatchObject({ code, message: 'IPAM: no', details: 'why; also: x' });
  });

  it('says that connectivity is limited with its code alone', () => {
    expect([50, 51, 52].map((code) => delegateFailure(code, 'no', '').kind)).toEqual([
      'delegate refuses',
      'limited connectivity',
      'delegate refuses',
    ]);
  });
});
