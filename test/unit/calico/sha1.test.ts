import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha1 } from '../../../shared/bytes/hash.ts';
import { podVethName } from '../../../shared/kubernetes/veth-name.ts';

test.each([
  ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
])('sha1 of %j is the RFC’s', (text, digest) => {
  expect(sha1(text)).toBe(digest);
});

test('sha1 equals the runtime’s for any text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      (text) => sha1(text) === createHash('sha1').update(text).digest('hex'),
    ),
  );
});

test.each([
  ['prod', 'web-0', undefined, 'caliaa960f0d82e'],
  ['default', 'nginx', undefined, 'calic440f455693'],
  ['kube-system', 'coredns-5d78c9869d-abcde', undefined, 'cali4d5f75c480c'],
  ['ns-a', 'pod.with.dots', undefined, 'calib5bf1936e6b'],
  ['prod', 'web-0', 'fbx,cali', 'fbxaa960f0d82e'],
  ['prod', '', undefined, ''],
])('the host end of %s/%s with prefix %s is %s', (k8sPodNamespace, k8sPodName, prefix, wanted) => {
  const args = { k8sPodNamespace, k8sPodName, ip: '', mac: '', testNamespace: '' };
  expect(podVethName(prefix === undefined ? {} : { FELIX_INTERFACEPREFIX: prefix }, args)).toBe(wanted);
});
