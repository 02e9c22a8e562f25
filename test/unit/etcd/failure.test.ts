import { describe, expect, it, test } from 'vitest';
import { toCniError } from '../../../shared/cni/cni-error.ts';
import { isUnavailable } from '../../../shared/datastore/unavailable.ts';
import { connectFailure, statusFailure } from '../../../shared/etcd/failure.ts';
import { refusal, unreachable } from '../../../shared/etcd/refusal.ts';
import { TryFailed } from '../../../shared/grpc/try-failed.ts';
import { readEndpoint } from '../../../shared/net/endpoint.ts';

const A = readEndpoint('http://a:1');
const secret = 'pass-word';
const config = {
  endpoints: [],
  discoverySrv: '',
  user: { name: 'cni', password: secret },
  tls: { pair: undefined, ca: undefined, roots: [], minVersion: 'TLSv1.2', ciphers: undefined },
  limits: { connect: 1, request: 1, patience: 1 },
} as const;

describe('an etcd status', () => {
  test.each([
    [14, 'etcdserver: no leader', 'no leader', true],
    [14, 'etcdserver: leader changed', 'no leader', true],
    [14, 'etcdserver: request timed out', 'timed out', true],
    [14, 'etcdserver: request timed out, possibly due to previous leader failure', 'timed out', true],
    [14, 'etcdserver: server stopped', 'unreachable', true],
    [4, 'context deadline exceeded', 'timed out', true],
    [1, 'context canceled', 'unreachable', true],
    [2, 'raft: stopped', 'unreachable', true],
    [13, 'stream terminated', 'unreachable', true],
    [8, 'etcdserver: too many requests', 'unreachable', false],
    [8, 'etcdserver: mvcc: database space exceeded', 'refused', false],
    [3, 'etcdserver: authentication failed, invalid user ID or password', 'refused', false],
    [7, 'etcdserver: permission denied', 'refused', false],
    [16, 'etcdserver: invalid auth token', 'refused', false],
    [3, 'etcdserver: duplicate key given in txn request', 'refused', false],
    [12, '', 'refused', false],
    [9, 'etcdserver: not leader', 'no leader', false],
    [9, 'etcdserver: authentication is not enabled', 'refused', false],
    [3, 'etcdserver: revision of auth store is old', 'refused', false],
  ])('%i %s: %s, possibly applied: %s', (code, message, kind, sent) => {
    expect(statusFailure(A, { code, message })).toMatchObject({ kind, sent, endpoint: 'http://a:1' });
  });
});

describe('an etcd refusal', () => {
  test.each([
    [3, 'etcdserver: user name is empty', 'no login'],
    [3, 'etcdserver: authentication failed, invalid user ID or password', 'wrong login'],
    [3, 'etcdserver: revision of auth store is old', 'stale token'],
    [16, 'etcdserver: invalid auth token', 'stale token'],
    [9, 'etcdserver: authentication is not enabled', 'no users'],
    [7, 'a proxy forbids it', 'not allowed'],
    [8, 'etcdserver: mvcc: database space exceeded', 'full'],
    [3, 'etcdserver: duplicate key given in txn request', 'anything else'],
  ])('%i %s: %s', (code, message, refused) => {
    expect(statusFailure(A, { code, message })).toMatchObject({ kind: 'refused', refusal: refused, answered: true });
  });

  it('is recognized by its code as well as its text, which a key or a name may contain', () => {
    const quoted = 'etcdserver: key not found: "etcdserver: user name is empty, leader, timed out"';
    expect(statusFailure(A, { code: 5, message: quoted })).toMatchObject({ kind: 'refused', refusal: 'anything else' });
  });
});

describe('a connection that fails', () => {
  const secure = readEndpoint('https://a:1');
  const refusedWith = (code: string) => connectFailure(secure, Object.assign(new Error('no'), { code }));

  test.each([
    ['CERT_HAS_EXPIRED', 'refused', /etcd's certificate has expired/],
    ['CERT_NOT_YET_VALID', 'refused', /not valid yet/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'refused', /etcd's certificate is not trusted/],
    ['INVALID_PURPOSE', 'refused', /etcd's certificate is not trusted/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'refused', /etcd's certificate is not trusted/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'refused', /etcd's certificate is not trusted/],
    ['ERR_SSL_ALERT_48', 'refused', /refuses the certificate in etcd_cert_file/],
    ['ERR_SSL_ALERT_116', 'refused', /refuses the certificate in etcd_cert_file/],
    ['ERR_SSL_ALERT_40', 'unreachable', /does this etcd use TLS/],
    ['ECONNREFUSED', 'unreachable', /^no$/],
  ])('with %s is %s', (code, kind, message) => {
    expect(refusedWith(code)).toMatchObject({ kind, message: expect.stringMatching(message), sent: false });
  });

  it('is a TLS refusal only if TLS was used', () => {
    const plain = connectFailure(A, Object.assign(new Error('no'), { code: 'CERT_HAS_EXPIRED' }));
    expect(plain.kind).toBe('unreachable');
  });
});

describe('refusal', () => {
  test.each([
    [3, 'etcdserver: authentication failed, invalid user ID or password', 999, /user "cni" or its password/],
    [3, 'etcdserver: user name is empty', 999, /requires authentication/],
    [7, 'etcdserver: permission denied', 999, /does not let the user "cni"/],
    [8, 'etcdserver: mvcc: database space exceeded', 11, /full/],
    [3, 'etcdserver: too many operations in txn request', 999, /refuses the request/],
  ])('%i %s is error %i', (code, message, cniCode, msg) => {
    const error = refusal(statusFailure(A, { code, message }), config);
    expect(isUnavailable(error)).toBe(false);
    expect(toCniError(error).code).toBe(cniCode);
    expect(error.message).toMatch(msg);
    expect(error.details).toMatch(`http://a:1: ${message}`);
    expect(error.message + error.details).not.toContain(secret);
  });
});

describe('unavailable', () => {
  const failed = (endpoint: string, kind: TryFailed['kind'], reason: string) => new TryFailed(endpoint, kind, reason);

  it('names every endpoint with its last reason', () => {
    const error = unreachable(
      [
        failed('http://a:1', 'unreachable', 'first'),
        failed('http://b:1', 'timed out', 'no answer'),
        failed('http://a:1', 'unreachable', 'ECONNREFUSED'),
      ],
      config,
    );
    expect(toCniError(error).code).toBe(11);
    expect(error).toMatchObject({
      kind: 'datastore unavailable',
      reason: 'timed out',
      message: 'etcd does not answer: http://a:1, http://b:1',
      details: 'http://a:1: ECONNREFUSED; http://b:1: no answer',
    });
  });

  it('keeps what an endpoint reported when its last try had no time left', () => {
    const error = unreachable(
      [
        failed('http://a:1', 'no leader', 'etcdserver: no leader'),
        failed('http://b:1', 'timed out', 'no connection within 1 s'),
        failed('http://a:1', 'timed out', 'no connection within 0.001 s'),
        failed('http://b:1', 'unreachable', 'ECONNREFUSED'),
      ],
      config,
    );
    expect(error).toMatchObject({
      reason: 'no leader',
      details: 'http://a:1: etcdserver: no leader; http://b:1: ECONNREFUSED',
    });
  });

  it.each([
    ['an etcd message', statusFailure(A, { code: 14, message: 'etcdserver: no leader' }), /no leader/],
    ['a refused connection', failed('http://a:1', 'unreachable', 'ECONNREFUSED'), /no answer within/],
  ])('prefers %s to a call without an answer', (_, before, details) => {
    const silent = new TryFailed('http://a:1', 'timed out', 'no answer within 1 s', { sent: true });
    expect(unreachable([before, silent], config).details).toMatch(details);
  });

  it('is a refusal only when every endpoint refuses', () => {
    const bad = failed('https://a:1', 'refused', 'CERT_HAS_EXPIRED');
    expect(toCniError(unreachable([bad], config))).toMatchObject({ code: 999, details: 'CERT_HAS_EXPIRED' });
    const both = unreachable([bad, failed('https://b:1', 'refused', 'no')], config);
    expect(toCniError(both)).toMatchObject({ code: 999, details: 'https://a:1: CERT_HAS_EXPIRED; https://b:1: no' });
    expect(isUnavailable(both)).toBe(false);
    expect(isUnavailable(unreachable([bad, failed('https://b:1', 'unreachable', 'gone')], config))).toBe(true);
  });
});
