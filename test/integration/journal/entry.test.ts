import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { addressesOf, failureOf } from '../../support/calls/call.ts';
import { conf } from '../../support/stored/cluster.ts';
import { deadDel, entries, FOLDER, HOST_LOCAL, handles, read, write } from './journal-files.ts';

describe.concurrent('a journal entry', () => {
  test('that cannot be drained fails an ADD of its own container, and no other', async ({ bed }) => {
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

  test("never releases another container's address, however old it is", async ({ bed }) => {
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

  test('of another node, or of another etcd, waits for a call of that node', async ({ bed }) => {
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

  test('that cannot be parsed stops neither ADD nor other releases', async ({ bed }) => {
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

  test('survives kill -9 of the process that drains it, at any time', { timeout: 60_000 }, async ({ bed }) => {
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

  test('is taken over from a dead process whose PID is reused', async ({ bed }) => {
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

  test('is left to the running process that drains it', async ({ bed }) => {
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

/** The entry as a DEL would write it now. */
const dueNow = (text: string) => JSON.stringify({ ...JSON.parse(text), due: String(BigInt(Date.now()) * 1_000_000n) });
