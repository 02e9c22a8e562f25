import { existsSync, readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import { failureOf } from '../../support/calls/call.ts';
import type { Ran } from '../../support/host/host.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { CLUSTER_GUID, conf } from '../../support/stored/cluster.ts';

/** No etcd listens here: it is dead for one call. */
const DEAD: CallChanges = { conf: conf({ etcd_endpoints: 'http://127.0.0.1:1' }) };

describe.concurrent('a DEL while etcd is unreachable and the disk is full', () => {
  test('fails with 11, reports both, leaves nothing half done, and succeeds when repeated', async ({ bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container);
    await fullDisk(bed, 0);
    recordRefused(await bed.call('DEL', container, DEAD));
    expect(await caliLinks(bed.host)).toEqual([]);
    expect(files(bed)).toEqual([]);
    await bed.host.must('rm', ['/var/lib/calico/filler']);
    await bed.del(container, DEAD);
    expect(files(bed)).toHaveLength(1);
    await reachable(bed);
    await bed.add(other);
    expect(files(bed)).toEqual([]);
    expect(JSON.stringify(await bed.etcd.dump())).not.toContain(container.containerID);
  });

  test('does not use a truncated entry', async ({ bed }) => {
    await fullDisk(bed, 1);
    // The directory takes the first page, and the entry needs two, but one is left.
    const long = { containerID: 'c'.repeat(6000), netns: (await bed.container()).netns };
    recordRefused(await bed.call('DEL', long, DEAD));
    expect(files(bed)).toEqual([]);
  });

  test('also fails if no file can be created at all', async ({ bed }) => {
    await bed.host.must('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=2', 'tmpfs', '/var/lib/calico']);
    await bed.host.must('mkdir', ['/var/lib/calico/cni-journal']);
    recordRefused(await bed.call('DEL', await bed.container(), DEAD));
  });
});

describe.concurrent('a DEL killed while etcd is unreachable', () => {
  test('and repeated is completed by the next ADD, and leaves no file', { timeout: 120_000 }, async ({ bed }) => {
    const victims: Container[] = [];
    const [warm, last] = [await bed.container(), await bed.container()];
    await bed.add(warm);
    const { millis } = await bed.call('DEL', warm, DEAD);
    for (let kill = 0; kill <= 12; kill++) {
      const container = await bed.container();
      victims.push(container);
      await bed.add(container);
      await bed.call('DEL', container, { ...DEAD, killAfter: (millis * kill) / 12 });
      await bed.del(container, DEAD);
    }
    await reachable(bed);
    await bed.add(last);
    expect(files(bed)).toEqual([]);
    const stored = JSON.stringify(await bed.etcd.dump());
    for (const { containerID } of [warm, ...victims]) expect(stored).not.toContain(containerID);
  });

  test('leaves a draft that the next ADD deletes, unless it is still being written', async ({ bed }) => {
    const folder = '/var/lib/calico/cni-journal';
    const started = (await bed.host.must('sh', ['-c', `cut -d" " -f22 /proc/${process.pid}/stat`])).trim();
    const held = `b.new.${process.pid}-${started}`;
    await bed.host.must('sh', ['-c', `mkdir ${folder}; echo '{"netw' | tee ${folder}/a.new.1-1 ${folder}/${held}`]);
    await bed.add(await bed.container());
    expect(files(bed)).toEqual([held]);
  });
});

/** A disk of a few pages mounted at the journal, with this many of them free. */
async function fullDisk(bed: Bed, pages: number): Promise<void> {
  const folder = '/var/lib/calico';
  await bed.host.must('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  const fill = `mkdir -m 700 ${folder}/cni-journal; cat /dev/zero >${folder}/filler 2>/dev/null; truncate -s -${pages * 4096} ${folder}/filler`;
  await bed.host.must('sh', ['-c', fill]);
}

function recordRefused(ran: Ran): void {
  const failure = failureOf(ran);
  expect(failure).toMatchObject({ code: 11, msg: expect.stringContaining('http://127.0.0.1:1') });
  expect(failure.details).toMatch(/writing the release to the journal failed as well: .*no space left/i);
}

/** Makes the entries for the dead datastore ones for the live datastore. */
async function reachable(bed: Bed): Promise<void> {
  const named = `s/"endpoints":/"cluster":"${CLUSTER_GUID}","endpoints":/`;
  await bed.host.must('sh', ['-c', `sed -i '${named}' /var/lib/calico/cni-journal/*.json`]);
}

function files(bed: Bed): readonly string[] {
  const folder = bed.host.file('/var/lib/calico/cni-journal');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
