import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../support/bed.ts';
import { CLUSTER_GUID, conf } from '../support/cluster.ts';
import { addressesOf, failureOf } from '../support/cni.ts';
import { caliLinks } from '../support/netns.ts';

const FOLDER = '/var/lib/calico/cni-journal';
const IPAM: CallChanges = { plugin: 'calico-ipam' };
const HOST_LOCAL: CallChanges = {
  conf: conf({ ipam: { type: 'host-local', subnet: '10.80.0.0/24', dataDir: '/run/calico-test/host-local' } }),
};

describe.concurrent('a DEL while etcd is out of reach', () => {
  test('cleans the kernel, succeeds, and puts the release on record for root alone', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const before = await bed.etcd.dump();
    await deadDel(bed, container);
    expect(await caliLinks(bed.host)).toEqual([]);
    expect(await bed.etcd.dump()).toEqual(before);
    const [name = ''] = entries(bed);
    expect(entries(bed)).toEqual([expect.stringContaining(container.containerID)]);
    expect(mode(bed, FOLDER)).toBe('700');
    expect(mode(bed, `${FOLDER}/${name}`)).toBe('600');
    expect(JSON.parse(read(bed, name))).toMatchObject({
      network: 'net1',
      containerID: container.containerID,
      node: 'node1',
      cluster: CLUSTER_GUID,
    });
    expect(read(bed, name)).not.toContain('2379');
  });

  test.for([
    { name: 'the next ADD', next: (bed: Bed, _: Container, other: Container) => bed.add(other) },
    { name: 'an ADD of the same container', next: (bed: Bed, same: Container) => bed.add(same) },
  ])('is done by $name, before it allocates', async ({ next }, { bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container);
    await deadDel(bed, container);
    const mac = JSON.stringify(await bed.etcd.dump('/calico/resources/')).match(/mac\\":\\"([0-9a-f:]+)/)?.[1];
    await next(bed, container, other);
    expect(entries(bed)).toEqual([]);
    const stored = Object.entries(await bed.etcd.dump()).join();
    expect(stored).not.toContain(mac);
    expect(Object.keys(await bed.etcd.dump('/calico/ipam/v2/handle/'))).toHaveLength(1);
  });

  test('of calico-ipam is done by its next ADD', async ({ bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container, IPAM);
    await deadDel(bed, container, IPAM);
    expect(entries(bed)).toHaveLength(1);
    await bed.add(other, IPAM);
    expect(entries(bed)).toEqual([]);
    expect(await handles(bed)).toEqual([other.containerID]);
  });

  test('frees the address though the next ADD is of a network with another IPAM plugin', async ({ bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container);
    await deadDel(bed, container);
    await bed.add(other, HOST_LOCAL);
    expect(entries(bed)).toEqual([]);
    expect(await handles(bed)).toEqual([]);
    await deadDel(bed, other, HOST_LOCAL);
    await bed.add(container);
    expect(entries(bed)).toEqual([]);
    expect(Object.keys(await bed.etcd.dump()).join()).not.toContain(other.containerID);
  });

  test("is kept whatever a container's id looks like", async ({ bed }) => {
    const [made, other] = [await bed.container(), await bed.container()];
    const container = { ...made, containerID: 'c0.new.1-2.json.3-4_a.new' };
    await bed.add(container, IPAM);
    await deadDel(bed, container, IPAM);
    await deadDel(bed, other, IPAM);
    expect(entries(bed)).toHaveLength(2);
    await bed.add(other, IPAM);
    expect(entries(bed)).toEqual([]);
    expect(await handles(bed)).toEqual([other.containerID]);
  });

  test('may be repeated and followed by a DEL that reaches etcd', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await deadDel(bed, container);
    await deadDel(bed, container);
    await bed.del(container);
    expect(await handles(bed)).toEqual([]);
    await bed.add(await bed.container());
    expect(entries(bed)).toEqual([]);
  });

  test('fails with 11 when it cannot be put on record, and says both', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await bed.host.must('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', '/var/lib/calico']);
    const ran = await cutOff(bed, () => bed.call('DEL', container));
    const failure = failureOf(ran);
    expect(failure).toMatchObject({ code: 11, msg: expect.stringContaining('http://127.0.0.1:2379') });
    expect(failure.details).toMatch(/writing the release to the journal failed as well: .*read-only/i);
    expect(await caliLinks(bed.host)).toEqual([]);
  });

  test('is no excuse for a store that answers: not ready is an error, and nothing is on record', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const key = '/calico/resources/v3/projectcalico.org/clusterinformations/default';
    const ready = (await bed.etcd.dump(key))[key] ?? '';
    await bed.etcd.put({ [key]: ready.replace('"datastoreReady":true', '"datastoreReady":false') });
    expect(failureOf(await bed.call('DEL', container)).code).toBe(999);
    expect(entries(bed)).toEqual([]);
  });
});

describe.concurrent('a release on record', () => {
  test('that cannot be done fails an ADD of its own container, and no other', async ({ bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container);
    await deadDel(bed, container);
    const [key = '', whole = ''] = Object.entries(await bed.etcd.dump('/calico/ipam/v2/assignment/'))[0] ?? [];
    await bed.etcd.put({ [key]: 'damaged' });
    const failure = failureOf(await bed.call('ADD', container, HOST_LOCAL));
    expect(failure).toMatchObject({ code: 999, msg: expect.stringContaining('failed to parse datastore entry') });
    await bed.add(other, HOST_LOCAL);
    expect(entries(bed)).toHaveLength(1);
    await bed.etcd.put({ [key]: whole });
    await bed.add(container);
    expect(entries(bed)).toEqual([]);
    expect(await handles(bed)).toEqual([container.containerID]);
  });

  test("never frees another container's address, however old it is", async ({ bed }) => {
    const [container, heir] = [await bed.container(), await bed.container()];
    const [address = ''] = addressesOf(await bed.add(container));
    await deadDel(bed, container);
    const [name = ''] = entries(bed);
    const text = read(bed, name);
    await bed.add(await bed.container());
    expect(addressesOf(await bed.add(heir, { args: `IP=${address}` }))).toEqual([address]);
    const before = await bed.etcd.dump();
    write(bed, name, text);
    await bed.add(await bed.container(), HOST_LOCAL);
    expect(entries(bed)).toEqual([]);
    const after = await bed.etcd.dump();
    for (const [key, value] of Object.entries(before)) expect(after[key]).toBe(value);
  });

  test("of another node, and of another etcd, waits for a call of that node's", async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await deadDel(bed, container);
    const [name = ''] = entries(bed);
    const entry = JSON.parse(read(bed, name));
    write(bed, name, JSON.stringify({ ...entry, node: 'node2' }));
    write(bed, `x${name}`, JSON.stringify({ ...entry, cluster: 'another' }));
    await bed.add(await bed.container());
    expect(entries(bed)).toEqual([name, `x${name}`]);
    expect(await handles(bed)).toContain(container.containerID);
  });

  test('that cannot be read keeps neither ADD nor other releases from being done', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await deadDel(bed, container);
    write(bed, 'a-torn.json', '{"network":');
    const ran = await bed.call('ADD', await bed.container(), { conf: conf({ log_level: 'warning' }) });
    expect(ran.exit, ran.stdout).toBe(0);
    expect(ran.stderr).toContain('Ignored a file in the journal that is not a release');
    expect(entries(bed)).toEqual(['a-torn.json']);
    expect(await handles(bed)).toHaveLength(1);
  });

  test('survives kill -9 of the one who does it, at any time', { timeout: 60_000 }, async ({ bed }) => {
    const victim = await bed.container();
    const warm = await bed.call('ADD', victim);
    const container = await bed.container();
    await bed.add(container);
    await deadDel(bed, container);
    const [name = ''] = entries(bed);
    const text = read(bed, name);
    for (let kill = 0; kill < 10; kill++) {
      await bed.add(container);
      write(bed, name, dueNow(text));
      await bed.call('ADD', victim, { killAfter: (warm.millis * kill) / 9 });
      await sleep(25);
      await bed.add(victim);
      expect(entries(bed), `killed at ${kill}/9`).toEqual([]);
      expect(await handles(bed)).toEqual([victim.containerID]);
    }
  });

  test('is taken over from a dead process whose number a living one has got', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await deadDel(bed, container);
    const [name = ''] = entries(bed);
    await bed.host.must('mv', [`${FOLDER}/${name}`, `${FOLDER}/${name}.${process.pid}-1`]);
    const ran = await bed.call('ADD', container);
    expect(ran.exit, ran.stdout).toBe(0);
    expect(ran.millis).toBeLessThan(5_000);
    expect(entries(bed)).toEqual([]);
  });

  test('is left to the living process that is doing it', async ({ bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container);
    await deadDel(bed, container);
    const [name = ''] = entries(bed);
    const started = readFileSync(`/proc/${process.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
    const held = `${name}.${process.pid}-${started}`;
    await bed.host.must('mv', [`${FOLDER}/${name}`, `${FOLDER}/${held}`]);
    await bed.add(other);
    expect(entries(bed)).toEqual([held]);
  });
});

/** Runs `work` with etcd's port out of reach; the test itself talks to etcd over a unix socket. */
async function cutOff<T>(bed: Bed, work: () => Promise<T>): Promise<T> {
  await bed.host.must('ip', ['link', 'set', 'lo', 'down']);
  try {
    return await work();
  } finally {
    await bed.host.must('ip', ['link', 'set', 'lo', 'up']);
  }
}

const deadDel = (bed: Bed, container: Container, changes: CallChanges = {}) =>
  cutOff(bed, () => bed.del(container, changes));

const path = (bed: Bed, name: string) => bed.host.file(`${FOLDER}/${name}`);
const read = (bed: Bed, name: string) => readFileSync(path(bed, name), 'utf8');
const entries = (bed: Bed) => (existsSync(path(bed, '')) ? readdirSync(path(bed, '')).sort() : []);
const mode = (bed: Bed, file: string) => (statSync(bed.host.file(file)).mode & 0o777).toString(8);

function write(bed: Bed, name: string, text: string): void {
  mkdirSync(path(bed, ''), { recursive: true });
  writeFileSync(path(bed, name), text, { mode: 0o600 });
}

/** The entry as a DEL would have written it just now. */
const dueNow = (text: string) => JSON.stringify({ ...JSON.parse(text), due: String(BigInt(Date.now()) * 1_000_000n) });

/** The containers that hold addresses of net1. */
async function handles(bed: Bed): Promise<readonly string[]> {
  const keys = Object.keys(await bed.etcd.dump('/calico/ipam/v2/handle/'));
  return keys.map((key) => key.slice(key.lastIndexOf('/net1.') + '/net1.'.length));
}
