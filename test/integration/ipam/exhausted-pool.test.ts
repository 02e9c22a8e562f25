import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import { failureOf, silentSuccess } from '../../support/calls/call.ts';
import { witness, witnessed } from '../../support/calls/witness.ts';
import { type Conf, conf, pool } from '../../support/stored/cluster.ts';
import { CONFIG } from '../../support/stored/ipam-world.ts';

const PLUGINS = ['calico', 'calico-ipam'];

describe('STATUS of an exhausted pool (spec §2 STATUS: not available)', () => {
  const SMALL = pool('default-ipv4-ippool', '10.78.0.0/30', { blockSize: 30 });
  const onNode = (nodename: string): CallChanges => ({ conf: statusConf({ nodename }) });

  test('is 50 only when no address can be borrowed either', async ({ bed }) => {
    await bed.etcd.put(SMALL);
    const holders = await fill(bed, 3);
    silentSuccess(await ask(bed, onNode('node1')));
    silentSuccess(await ask(bed, onNode('node2')));
    holders.push(...(await fill(bed, 1)));
    const revision = await bed.etcd.revision();
    for (const node of ['node1', 'node2']) {
      for (const plugin of PLUGINS) {
        const failure = failureOf(await ask(bed, { ...onNode(node), plugin }));
        expect(failure).toMatchObject({
          code: 50,
          msg: expect.stringContaining('No IPs available in pools: [10.78.0.0/30]'),
        });
        expect(failure.details).toContain(`node ${node} owns ${node === 'node1' ? 1 : 0} of at most 20 blocks`);
      }
    }
    expect(await bed.etcd.revision()).toBe(revision);
    await bed.del(holders[0] as Container, IPAM);
    silentSuccess(await ask(bed, onNode('node1')));
    silentSuccess(await ask(bed, onNode('node2')));
  });

  test("is 50 for a node that may not use the other node's free addresses", async ({ bed }) => {
    await bed.etcd.put(SMALL);
    await fill(bed, 1);
    await bed.etcd.put({ [CONFIG]: JSON.stringify({ strict_affinity: true, auto_allocate_blocks: true }) });
    silentSuccess(await ask(bed, onNode('node1')));
    const failure = failureOf(await ask(bed, onNode('node2')));
    expect(failure).toMatchObject({ code: 50, msg: expect.stringContaining('strict affinity enabled') });
  });

  test('succeeds as long as a block can be claimed', async ({ bed }) => {
    await bed.etcd.put(pool('default-ipv4-ippool', '10.78.0.0/29', { blockSize: 30 }));
    await fill(bed, 4);
    silentSuccess(await ask(bed, onNode('node1')));
  });
});

describe('STATUS with another IPAM plugin (spec §2 STATUS: must ask it too)', () => {
  const DELEGATED = { conf: statusConf({ ipam: { type: 'witness' } }) };

  test('calls it with the same configuration', async ({ bed }) => {
    silentSuccess(await ask(bed, { ...DELEGATED, path: witness(bed.host, 'exit 0') }));
    expect(witnessed(bed.host, 'STATUS')).toEqual(DELEGATED.conf);
  });

  test.for([
    { code: 999, answer: 50 },
    { code: 51, answer: 51 },
  ])('answers $answer when it answers $code, with its message', async ({ code, answer }, { bed }) => {
    const path = witness(bed.host, `echo '{"code":${code},"msg":"the pool is dry"}'; exit 1`);
    expect(failureOf(await ask(bed, { ...DELEGATED, path }))).toMatchObject({ code: answer, msg: 'the pool is dry' });
  });

  test('answers 50 when no such plugin exists', async ({ bed }) => {
    expect(failureOf(await ask(bed, DELEGATED))).toMatchObject({
      code: 50,
      msg: expect.stringContaining('failed to find plugin "witness" in path'),
    });
  });
});

const IPAM: CallChanges = { plugin: 'calico-ipam' };
const NOBODY: Container = { containerID: '', netns: '' };

function statusConf(changes: Conf = {}): Conf {
  return conf({ cniVersion: '1.1.0', ...changes });
}

const ask = (bed: Bed, changes: CallChanges = {}) =>
  bed.call('STATUS', NOBODY, { netns: '', env: { CNI_IFNAME: '' }, conf: statusConf(), ...changes });

/** Adds this many containers to node1. */
async function fill(bed: Bed, count: number): Promise<Container[]> {
  const holders: Container[] = [];
  for (let index = 0; index < count; index++) {
    const container = await bed.container();
    await bed.add(container, IPAM);
    holders.push(container);
  }
  return holders;
}
