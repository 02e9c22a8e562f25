import { describe, expect, test } from 'vitest';
import { profileRef } from '../../../shared/datastore/ref.ts';
import { calicoUid } from '../../../shared/kubernetes-datastore/calico-uid.ts';
import { profileAccess } from '../../../shared/kubernetes-datastore/profile-access.ts';

const UID = '80b359f4-42bd-47f9-a9c1-c2aa0da13cf0';
const SHOWN = '01cd9a2f-42bd-479f-a983-4355b0853c0f';
const ALLOW = [{ action: 'Allow' }];

const object = (namespace?: string) => ({
  metadata: {
    name: 'prod',
    ...(namespace && { namespace, name: 'web' }),
    uid: UID,
    resourceVersion: '5',
    labels: { team: 'a' },
  },
});

test('a uid is shown with the bits of its bytes reversed, and back', () => {
  expect(calicoUid(UID)).toBe(SHOWN);
  expect(calicoUid(SHOWN)).toBe(UID);
});

describe('a profile', () => {
  test('is a namespace', () => {
    expect(profileAccess.get(profileRef('kns.prod'))).toMatchObject({ path: '/api/v1/namespaces/prod' });
    const { ref, version, value = '' } = profileAccess.decode(object()) ?? {};
    expect({ ref, version }).toEqual({ ref: profileRef('kns.prod'), version: '5/' });
    expect(JSON.parse(value)).toMatchObject({
      metadata: { name: 'kns.prod', uid: SHOWN },
      spec: {
        ingress: ALLOW,
        egress: ALLOW,
        labelsToApply: { 'pcns.team': 'a', 'pcns.projectcalico.org/name': 'prod' },
      },
    });
  });

  test('is a service account', () => {
    expect(profileAccess.get(profileRef('ksa.prod.web.v2'))).toMatchObject({
      path: '/api/v1/namespaces/prod/serviceaccounts/web.v2',
    });
    const { ref, version, value = '' } = profileAccess.decode(object('prod')) ?? {};
    expect({ ref, version }).toEqual({ ref: profileRef('ksa.prod.web'), version: '/5' });
    expect(JSON.parse(value).spec).toEqual({
      labelsToApply: { 'pcsa.team': 'a', 'pcsa.projectcalico.org/name': 'web' },
    });
  });

  test('is built in, the one that allows all', () => {
    expect(profileAccess.get(profileRef('projectcalico-default-allow'))).toMatchObject({
      ref: profileRef('projectcalico-default-allow'),
    });
  });

  test.each(['net1', 'kns.a.b', 'ksa.prod', 'knx.prod', 'kns.'])('is nothing by the name of %s', (name) => {
    expect(profileAccess.get(profileRef(name))).toBeUndefined();
  });

  test('is listed from namespaces and service accounts', () => {
    const { requests, entries } = profileAccess.list({ all: 'Profile' });
    expect(requests.map(({ path }) => path)).toEqual(['/api/v1/namespaces', '/api/v1/serviceaccounts']);
    expect(entries).toHaveLength(1);
  });

  test('is never written', () => {
    const change = { ref: profileRef('net1'), next: '{}', seen: undefined };
    expect(() => profileAccess.write(change, undefined)).toThrow('operation Create is not supported on Profile(net1)');
  });
});
