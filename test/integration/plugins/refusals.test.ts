import { describe } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { expectRefused, type Refusal, withConf } from '../../support/bed/refusal.ts';

const env = (missing: string) => ({ code: 4, msg: `required env variables [${missing}] missing` });
const PROTOCOL: readonly Refusal[] = [
  { name: 'no container ID', changes: { containerID: '' }, failure: env('CNI_CONTAINERID') },
  { name: 'no namespace', changes: { netns: '' }, failure: env('CNI_NETNS') },
  { name: 'no interface name', changes: { env: { CNI_IFNAME: '' } }, failure: env('CNI_IFNAME') },
  { name: 'no path', changes: { path: '' }, failure: env('CNI_PATH') },
  {
    name: "nothing at all, reported in the table's order",
    changes: { containerID: '', netns: '', path: '', env: { CNI_IFNAME: '' } },
    failure: env('CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH'),
  },
  {
    name: 'a container ID with a slash',
    changes: { containerID: 'bad/id' },
    failure: { code: 4, msg: 'invalid characters in containerID', details: 'bad/id' },
  },
  {
    name: 'a container ID that starts with a dash',
    changes: { containerID: '-id' },
    failure: { code: 4, msg: 'invalid characters in containerID', details: '-id' },
  },
  {
    name: 'an interface name of sixteen characters',
    changes: { ifname: 'abcdefghijklmnop' },
    failure: {
      code: 4,
      msg: 'interface name is too long',
      details: 'interface name should be less than 16 characters',
    },
  },
  { name: 'the interface name .', changes: { ifname: '.' }, failure: { code: 4, msg: 'interface name is . or ..' } },
  { name: 'the interface name ..', changes: { ifname: '..' }, failure: { code: 4, msg: 'interface name is . or ..' } },
  ...['et/h', 'et:h', 'et h'].map((ifname) => ({
    name: `the interface name ${ifname}`,
    changes: { ifname },
    failure: { code: 4, msg: 'interface name contains / or : or whitespace characters' },
  })),
  { name: 'an unknown verb', command: 'FROB', changes: {}, failure: { code: 4, msg: 'unknown CNI_COMMAND: FROB' } },
  { name: 'no network name', changes: withConf({ name: '' }), failure: { code: 7, msg: 'missing network name' } },
  {
    name: 'an illegal network name',
    changes: withConf({ name: 'a b' }),
    failure: { code: 7, msg: 'invalid characters found in network name', details: 'a b' },
  },
  {
    name: 'an unknown version',
    changes: withConf({ cniVersion: '9.9.9' }),
    failure: { code: 1, msg: 'incompatible CNI versions' },
  },
  {
    name: 'CHECK of an old version',
    command: 'CHECK',
    changes: withConf({ cniVersion: '0.3.1' }),
    failure: { code: 1, msg: 'config version does not allow CHECK' },
  },
  {
    name: 'STATUS of an old version',
    command: 'STATUS',
    changes: withConf({ cniVersion: '1.0.0' }),
    failure: { code: 1, msg: 'config version does not allow STATUS' },
  },
  {
    name: 'GC of an old version',
    command: 'GC',
    changes: withConf({ cniVersion: '1.0.0' }),
    failure: { code: 1, msg: 'config version does not allow GC' },
  },
  ...['', '{not json', '[]', '"text"', 'null', '42', '{"name":"net1"', '{"name":"net1"} x'].map((text) => ({
    name: `the configuration ${text === '' ? 'of length zero' : text}`,
    changes: { conf: text },
    failure: { code: text === 'null' ? 7 : 6 },
  })),
];

describe('what the specification forbids', () => {
  test('is rejected with kernel and etcd unchanged', async ({ bed }) => {
    await expectRefused(bed, PROTOCOL);
  });
});
