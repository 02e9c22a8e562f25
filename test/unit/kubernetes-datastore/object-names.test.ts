import { expect, test } from 'vitest';
import { isObjectName } from '../../../shared/calico/object-name.ts';
import {
  affinityName,
  blockName,
  blockOfName,
  hostnameHash,
} from '../../../shared/kubernetes-datastore/object-names.ts';
import { cidr } from '../../support/inputs/cidr.ts';

test.each([
  ['192.168.89.112/28', '192-168-89-112-28'],
  ['fd00:1::c0/122', 'fd00-1--c0-122'],
  ['1:2:3:4:5:6:7:0/116', '1-2-3-4-5-6-7-0-116'],
])('the block %s has the name %s, and is found again from it', (text, name) => {
  expect(blockName(cidr(text))).toBe(name);
  expect(blockOfName(name)?.text).toBe(text);
});

test.each(['default', '10-0-0-1', '10-0-0-1-26', 'fd00--1-122', ''])('%j is not the name of a block', (name) => {
  expect(blockOfName(name)).toBeUndefined();
});

test('an IPv6 block whose text begins with colons has no valid object name', () => {
  expect(isObjectName(blockName(cidr('::40/122')))).toBe(false);
});

test.each([
  ['node1', '7DS2CCNJGGLTHBDQLLFO6SX24SY2YDDEG3W2VN556FA2W4DLLV5A'],
  ['node2', 'TJAQ27XAEAQXV56C3FEK6IWR5LLIIQ4K7564XIBNVMUGUCPBHAAA'],
  ['worker-0', 'X7BR7XCJKI7BG5JQPGCRAEH5U2OJJEBXJHJOT5IPI72SS4JOEUTA'],
  ['load-balancer', 'TAU2RK2F2FG7MIS72DPZYC6FJ3U3BIWIDZAMUTQY7ZXMSKQZ5GSQ'],
])("the label of %s's affinities is Calico's", (host, hash) => {
  expect(hostnameHash(host)).toBe(hash);
});

test('the name of an affinity has host and block; a long host is cut', () => {
  expect(affinityName('node1', cidr('192.168.89.112/28'))).toBe('node1-192-168-89-112-28');
  const long = affinityName('n'.repeat(240), cidr('192.168.89.128/26'));
  expect(long).toHaveLength(252);
  expect(long.endsWith('n-192-168-89-128-26-efe30014605')).toBe(true);
});

test.each(['my_net.c0ffee', 'Upper', '-a', 'a.', 'a'.repeat(254), ''])('%j is not a valid object name', (name) => {
  expect(isObjectName(name)).toBe(false);
});
