import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { openForTests } from '../../support/bed/for-tests.ts';
import { openBed } from '../../support/bed/open-bed.ts';
import { said } from '../../support/calicoctl/calicoctl.ts';
import { readFigures } from '../../support/calicoctl/exposition.ts';
import { failureOf, silentSuccess } from '../../support/calls/call.ts';
import { conf } from '../../support/stored/cluster.ts';

const FOLDER = '/run/calico/cni';
const bed = openForTests(openBed);
const file = (name: string) => bed.host.file(`${FOLDER}/${name}`);
const sh = (script: string) => bed.host.must('sh', ['-ec', script]);
const clean = () => sh(`umount ${FOLDER} 2>/dev/null || true; rm -rf ${FOLDER}; mkdir ${FOLDER}`);

/** A call that is refused before it does anything. */
const REFUSED = conf({ device_type: 'tap' });
/** GC has no container. */
const NOBODY = { containerID: '', netns: '' };
const CONTAINER = { containerID: 'c1', netns: 'none' };

async function refuse() {
  expect(failureOf(await bed.call('ADD', CONTAINER, { conf: REFUSED })).code).toBe(999);
}

async function counted(): Promise<number> {
  const figures = readFigures(await said(bed, 'ipam metrics --only=node'));
  const sum = figures.sum('calico_cni_calls_total');
  expect(figures.sum('calico_cni_call_duration_seconds_count')).toBe(sum);
  return sum;
}

const LINE = 'calico ADD 0 12345\n';
const lines = (count: number) => LINE.repeat(count);
/** As many as make a file full. */
const FULL = Math.ceil((16 << 10) / LINE.length);

/** How add-up.ts names a file. */
function identityOf(name: string): string {
  const { dev, ino } = statSync(file(name), { bigint: true });
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return `${major}:${minor}:${ino}`;
}

describe('calls are counted', () => {
  test('exactly, however many processes end at once, and in bounded space', async () => {
    await clean();
    writeFileSync(bed.host.file('/run/calico-test/conf'), JSON.stringify(REFUSED));
    const each = 300;
    const loop = `for i in $(seq ${each}); do ${tools().bin}/calico < /run/calico-test/conf > /dev/null || true; done`;
    const env = 'CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_NETNS=/none CNI_IFNAME=eth0 CNI_PATH=/none';
    await sh(`export ${env}; for j in $(seq 8); do ( ${loop} ) & done; wait`);
    expect(await counted()).toBe(8 * each);
    const names = readdirSync(file('')).filter((name) => name.startsWith('calls'));
    expect(names.sort()).toEqual(['calls', 'calls.before', 'calls.totals']);
    for (const name of names) expect(statSync(file(name)).size).toBeLessThan(20 << 10);
  });

  test('once, when a process was killed while it added up', async () => {
    await clean();
    writeFileSync(file('calls.before'), lines(50));
    const totals = { 'calico ADD': { seconds: 1, buckets: [50, ...Array(13).fill(0)], codes: { 0: 50 } } };
    writeFileSync(file('calls.totals'), JSON.stringify({ added: identityOf('calls.before'), totals }));
    writeFileSync(file('calls.totals.new'), 'half of');
    writeFileSync(file('calls'), lines(FULL));
    expect(await counted()).toBe(50 + FULL);
    await refuse();
    expect(await counted()).toBe(50 + FULL + 1);
    expect(
      readdirSync(file(''))
        .filter((name) => name.startsWith('calls'))
        .sort(),
    ).toEqual(['calls.before', 'calls.totals', 'calls.totals.new']);
  });

  test('also when the next file is full', async () => {
    await clean();
    for (let round = 1; round <= 3; round++) {
      writeFileSync(file('calls'), lines(FULL));
      await refuse();
      expect(await counted()).toBe(round * (FULL + 1));
    }
  });

  test('without lines that were not written whole', async () => {
    await clean();
    writeFileSync(file('calls'), `${LINE}calico ADD 0 1`);
    await refuse();
    await refuse();
    expect(await counted()).toBe(2);
  });

  test('no further when nobody can add them up', async () => {
    await clean();
    mkdirSync(file('calls.before'));
    writeFileSync(file('calls'), lines(4 * FULL + 1));
    const { size } = statSync(file('calls'));
    for (let count = 0; count < 3; count++) await refuse();
    expect(statSync(file('calls')).size).toBe(size);
  });
});

describe('addresses that a GC releases', () => {
  test.each(['calico', 'calico-ipam'])('by %s are counted by pool, and what a DEL releases is not', async (plugin) => {
    await clean();
    const [kept, deleted, lost] = [await bed.container(), await bed.container(), await bed.container()];
    const one = conf({ cniVersion: '1.1.0' });
    for (const container of [kept, deleted, lost]) await bed.add(container, { conf: one });
    await bed.del(deleted, { conf: one });
    const valid = [{ containerID: kept.containerID, ifname: 'eth0' }];
    const listed = conf({ cniVersion: '1.1.0', 'cni.dev/valid-attachments': valid });
    for (const _ of [1, 2])
      silentSuccess(await bed.call('GC', NOBODY, { netns: '', env: { CNI_IFNAME: '' }, plugin, conf: listed }));
    const figures = readFigures(await said(bed, 'ipam metrics --only=node'));
    expect(figures.sum('ipam_allocations_gc_reclamations')).toBe(1);
    expect(figures.sum('ipam_allocations_gc_reclamations', { ippool: 'default-ipv4-ippool' })).toBe(1);
    await bed.del(kept, { conf: one });
    await bed.del(lost, { conf: one });
  });
});

describe('a call is not disturbed by', () => {
  const undisturbed = async () => {
    const container = await bed.container();
    const { ips } = await bed.add(container);
    expect(ips).toHaveLength(1);
    await bed.del(container);
    await refuse();
  };

  test('a full disk', async () => {
    await clean();
    await sh(`mount -t tmpfs -o size=4k tmpfs ${FOLDER}; head -c 4096 /dev/zero > ${FOLDER}/full || true`);
    await undisturbed();
    await clean();
  });

  test('a read-only disk', async () => {
    await clean();
    await sh(`mount -t tmpfs -o ro tmpfs ${FOLDER}`);
    await undisturbed();
    await clean();
  });

  test.each([
    ['a link', `ln -s /run/calico-test/elsewhere ${FOLDER}/calls; echo -n > /run/calico-test/elsewhere`],
    ['a pipe', `mkfifo ${FOLDER}/calls`],
    ['a folder', `mkdir ${FOLDER}/calls`],
    ['no folder', `rm -r ${FOLDER}`],
    ['a file in place of the folder', `rm -r ${FOLDER}; echo > ${FOLDER}`],
  ])('%s in place of the file', async (what, script) => {
    await clean();
    await sh(script);
    await undisturbed();
    if (what === 'a link') expect(readFileSync(bed.host.file('/run/calico-test/elsewhere'), 'utf8')).toBe('');
    if (what === 'no folder') expect(await counted()).toBe(3);
    await sh(`rm -rf ${FOLDER}`);
  });
});
