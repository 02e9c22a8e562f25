import { existsSync, readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { shaperName, shaperNames } from '../../../plugins/linux/shaper.ts';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import { failureOf, silentSuccess } from '../../support/calls/call.ts';
import { witness } from '../../support/calls/witness.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { conf } from '../../support/stored/cluster.ts';
import { endpoint } from '../../support/stored/seeded.ts';

const JOURNAL = '/var/lib/calico/cni-journal';
const LIMITS = { egressRate: 10_000_000, egressBurst: 80_000 };

const PLAIN = conf({ cniVersion: '1.1.0' });
const NONE_VALID = { ...PLAIN, 'cni.dev/valid-attachments': [] };

const collect = (bed: Bed) =>
  bed.call('GC', { containerID: '', netns: '' }, { conf: NONE_VALID, netns: '', env: { CNI_IFNAME: '' } });
const entries = ({ host }: Bed) => (existsSync(host.file(JOURNAL)) ? readdirSync(host.file(JOURNAL)) : []);
const handles = async ({ etcd }: Bed) => Object.keys(await etcd.dump('/calico/ipam/v2/handle/'));

/** Makes the host's links look two minutes old, since links younger than a minute may belong to a running ADD. */
const age = ({ host }: Bed) => host.must('sh', ['-ec', 'cd /proc/sys/net/ipv4/conf; touch -d "2 minutes ago" -- *']);
const linksOf = ({ host }: Bed) => host.must('ip', ['-br', 'link']);

/** A pair as an ADD makes it before its commit. */
const pair = (bed: Bed, name: string, { netns }: Container) =>
  bed.host.must('ip', ['link', 'add', name, 'up', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns]);

const shaper = ({ host }: Bed, name: string) => host.must('ip', ['link', 'add', name, 'type', 'ifb']);

describe('GC of what a killed ADD left before its commit', () => {
  test('removes a pair without an endpoint, and a shaping device without a pair', async ({ bed }) => {
    await pair(bed, 'cali0123456789a', await bed.container());
    for (const name of shaperNames('cali0123456789b')) await shaper(bed, name);
    await age(bed);
    silentSuccess(await collect(bed));
    expect(await linksOf(bed)).not.toMatch(/cali|bwc/);
  });

  test('keeps a pair and a shaping device that a running ADD may have just made', async ({ bed }) => {
    await age(bed);
    await pair(bed, 'cali0123456789a', await bed.container());
    await shaper(bed, 'bwc0123456789a');
    await shaper(bed, 'bwc0123456789b');
    silentSuccess(await collect(bed));
    expect(await linksOf(bed)).toMatch(/bwc0123456789a[\s\S]*bwc0123456789b/);
    expect(await caliLinks(bed.host)).toEqual(['cali0123456789a']);
  });

  test.for(['abcd', 'fbx', 'x'])("keeps the shaping device of a pod's interface named %s…", async (prefix, { bed }) => {
    const name = `${prefix}0123456789a`;
    await pair(bed, name, await bed.container());
    await bed.host.must('ip', ['route', 'add', '192.168.9.9', 'dev', name]);
    for (const each of shaperNames(name)) await shaper(bed, each);
    await age(bed);
    silentSuccess(await collect(bed));
    for (const each of shaperNames(name)) expect(await linksOf(bed)).toContain(each);
  });

  test('keeps the shaping device of an endpoint whose host interface was renamed', async ({ bed }) => {
    await bed.etcd.put(endpoint('node1', '0123456789abcdef', 'net2', '192.168.9.9'));
    for (const name of shaperNames('cali0123456789a')) await shaper(bed, name);
    await age(bed);
    silentSuccess(await collect(bed));
    for (const name of shaperNames('cali0123456789a')) expect(await linksOf(bed)).toContain(name);
  });

  test.for([
    {
      name: 'a route points to it',
      keep: (bed: Bed) => bed.host.must('ip', ['route', 'add', '192.168.9.9', 'dev', 'cali0123456789a']),
    },
    {
      name: "another network's endpoint names it",
      keep: (bed: Bed) => bed.etcd.put(endpoint('node1', '0123456789abcdef', 'net2', '192.168.9.9')),
    },
    {
      name: 'an endpoint of this node cannot be parsed',
      keep: (bed: Bed) => {
        const [key = ''] = Object.keys(endpoint('node1', 'unread', 'net2', '192.168.9.9'));
        return bed.etcd.put({ [key]: 'no json' });
      },
    },
  ])('keeps a pair when $name', async ({ keep }, { bed }) => {
    await pair(bed, 'cali0123456789a', await bed.container());
    await keep(bed);
    await age(bed);
    await collect(bed);
    expect(await caliLinks(bed.host)).toEqual(['cali0123456789a']);
  });

  test("keeps links that do not have Calico's names", async ({ bed }) => {
    const names = ['calico-vxlan', 'bwcx'];
    for (const name of names) await shaper(bed, name);
    await age(bed);
    silentSuccess(await collect(bed));
    expect(await linksOf(bed)).toMatch(/calico-vxlan[\s\S]*bwcx/);
  });
});

describe('the journal', () => {
  test.for(['DEL', 'GC'])('is also drained by %s', async (verb, { bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container, { conf: PLAIN });
    bed.etcd.pause();
    await bed.del(container, { conf: PLAIN });
    bed.etcd.resume();
    expect(entries(bed)).toHaveLength(1);
    silentSuccess(await (verb === 'GC' ? collect(bed) : bed.call(verb, other, { conf: PLAIN })));
    expect(entries(bed)).toEqual([]);
    expect(await handles(bed)).toEqual([]);
  });

  test('of a DEL that also finds no etcd is kept, and the DEL succeeds', async ({ bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    for (const one of [container, other]) await bed.add(one);
    await bed.etcd.stop();
    for (const one of [container, other]) await bed.del(one);
    expect(entries(bed)).toHaveLength(2);
  });
});

describe('an ADD that fails half-way', () => {
  test('removes its pair when the shaping device cannot be made', async ({ bed }) => {
    const container = await bed.container();
    const host = `cali${container.containerID.slice(0, 11)}`;
    // Taken as another link's alternative name, so that there is no link of that name to remove.
    await bed.host.must('ip', ['link', 'add', 'other', 'type', 'ifb']);
    await bed.host.must('ip', ['link', 'property', 'add', 'dev', 'other', 'altname', shaperName(host)]);
    const shaped = conf({ cniVersion: '1.0.0', bandwidth_by: 'plugin', runtimeConfig: { bandwidth: LIMITS } });
    const { msg } = failureOf(await bed.call('ADD', container, { conf: shaped }));
    expect(msg).toBe(`failed to make the shaping device of ${host}: file exists`);
    expect(await caliLinks(bed.host)).toEqual([]);
  });

  test('makes a failed IPAM plugin release what it may hold', async ({ bed }) => {
    const path = witness(
      bed.host,
      `[ $CNI_COMMAND = ADD ] && { echo '{"code":7,"msg":"no such pool"}'; exit 1; }; exit 0`,
    );
    const call = { conf: conf({ cniVersion: '1.0.0', ipam: { type: 'witness' } }), path };
    expect(failureOf(await bed.call('ADD', await bed.container(), call)).msg).toContain('no such pool');
    expect(existsSync(bed.host.file('/run/calico-test/bin/DEL'))).toBe(true);
  });
});
