import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { resultOf, silentSuccess } from '../../support/calls/call.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { HOSTILE_ENTRIES } from '../../support/journal/hostile-entries.ts';
import { conf } from '../../support/stored/cluster.ts';

const FOLDER = '/run/calico/cni';
const OTHER = '/run/calico-test/other';
/** No hint may delay a call this long, however slow the machine is. */
const HANGS_AFTER_MS = 15_000;

const HOSTILE = [
  ...HOSTILE_ENTRIES,
  { what: 'a link to a file', make: `echo kept >${OTHER}; ln -s ${OTHER} "$1"` },
  { what: 'a hard link to a file', make: `cp "$1".was ${FOLDER}/other; ln ${FOLDER}/other "$1"` },
  { what: "another user's file", make: 'cp "$1".was "$1"; chown 65534 "$1"' },
  { what: 'a file that every user may write', make: 'cp "$1".was "$1"; chmod 666 "$1"' },
  { what: 'half a hint', make: 'head -c 100 "$1".was >"$1"' },
  { what: 'a hint of another cluster', make: `sed 's/"cluster":"[^"]*"/"cluster":"other"/' "$1".was >"$1"` },
  { what: 'a hint of another node', make: `sed 's/"node":"[^"]*"/"node":"node2"/' "$1".was >"$1"` },
  {
    what: 'a hint of blocks that do not exist',
    make: `sed 's/"own":\\[[^]]*]/"own":["10.9.9.0\\/26"]/' "$1".was >"$1"`,
  },
  { what: 'a hint followed by a gigabyte', make: 'cp "$1".was "$1"; truncate -s 1G "$1"' },
] as const;

describe.concurrent('a hint that something else has written', () => {
  test.for(HOSTILE)('does no harm, and is replaced: $what', async ({ what, make }, { bed }) => {
    const path = await known(bed);
    await bed.host.must('sh', ['-ec', `mv "$1" "$1".was; ${make}`, 'sh', path]);
    await addsAndDeletes(bed);
    if (what === 'a folder') return;
    const { mode, nlink } = statSync(bed.host.file(path));
    expect([(mode & 0o777).toString(8), nlink]).toEqual(['600', 1]);
    expect(readFileSync(bed.host.file(path), 'utf8')).toMatch(/^calico hint 1\n.*\nend$/s);
    if (existsSync(bed.host.file(OTHER))) expect(readFileSync(bed.host.file(OTHER), 'utf8')).toBe('kept\n');
  });

  test.for(HOSTILE_ENTRIES)('may lie where its draft is written: $what', async ({ what, make }, { bed }) => {
    const path = await known(bed);
    await bed.host.must('sh', ['-ec', `rm "$1"; set -- "$1".new; ${make}`, 'sh', path]);
    await addsAndDeletes(bed);
    const left = readdirSync(bed.host.file(FOLDER)).filter((name) => name.startsWith('hint-'));
    expect(left).toHaveLength(1);
    expect(left[0]?.endsWith('.new')).toBe(what === 'a folder');
  });
});

describe.concurrent('without a place for a hint ADD and DEL work as well:', () => {
  test.for([
    ['a read-only folder', `mount --bind ${FOLDER} ${FOLDER}; mount -o remount,bind,ro ${FOLDER}`],
    ['a full disk', `mount -t tmpfs -o size=4k,mode=755 tmpfs ${FOLDER}; echo full >${FOLDER}/filler`],
    ['no room for another file', `mount -t tmpfs -o nr_inodes=1,mode=755 tmpfs ${FOLDER}`],
    ['a file instead of the folder', `rm -r ${FOLDER}; : >${FOLDER}`],
    ['no folder', `rm -r ${FOLDER}`],
  ])('%s', async ([what, script = ''], { bed }) => {
    await known(bed);
    await bed.host.must('sh', ['-ec', script]);
    await addsAndDeletes(bed);
    const names = what === 'a file instead of the folder' ? [] : readdirSync(bed.host.file(FOLDER));
    expect(names.filter((name) => name.endsWith('.new'))).toEqual([]);
  });
});

describe('a hint', () => {
  test('may be deleted at any time, also while many calls run', { timeout: 120_000 }, async ({ bed }) => {
    await known(bed);
    const containers = await Promise.all(Array.from({ length: 20 }, () => bed.container()));
    let isRunning = true;
    const deleting = (async () => {
      while (isRunning) await bed.host.must('sh', ['-c', `rm -f ${FOLDER}/hint-*`]);
    })();
    await Promise.all(containers.map((container) => bed.add(container)));
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(containers.length + 1);
    await Promise.all(containers.map((container) => bed.del(container)));
    isRunning = false;
    await deleting;
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
  });

  test('that comes back from earlier does no harm to many calls', { timeout: 120_000 }, async ({ bed }) => {
    const path = await known(bed);
    await bed.host.must('cp', [path, '/run/calico-test/old-hint']);
    const containers = await Promise.all(Array.from({ length: 20 }, () => bed.container()));
    let isRunning = true;
    const restoring = (async () => {
      const script = `cp -p /run/calico-test/old-hint ${FOLDER}/copy && mv ${FOLDER}/copy ${path}`;
      while (isRunning) await bed.host.must('sh', ['-c', script]);
    })();
    await Promise.all(containers.map((container) => bed.add(container)));
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(containers.length + 1);
    await Promise.all(containers.map((container) => bed.del(container)));
    isRunning = false;
    await restoring;
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
  });

  test('of another etcd behind the same endpoint does no harm', async ({ bed }) => {
    const path = await known(bed);
    const dump = await bed.etcd.dump();
    const information = Object.keys(dump).find((key) => key.includes('clusterinformations')) ?? '';
    // The same keys, each at another revision, in a cluster of another name.
    const renamed = (dump[information] ?? '').replace(/"clusterGUID":"[^"]*"/, '"clusterGUID":"another"');
    await bed.etcd.put({ ...dump, [information]: renamed });
    await addsAndDeletes(bed);
    expect(readFileSync(bed.host.file(path), 'utf8')).toContain('"cluster":"another"');
  });
});

/** A node that has served a container, and the path of its hint. */
async function known(bed: Bed): Promise<string> {
  await bed.add(await bed.container());
  const [name = ''] = readdirSync(bed.host.file(FOLDER)).filter((one) => one.startsWith('hint-'));
  expect(name).toMatch(/^hint-[0-9a-f]{12}$/);
  return `${FOLDER}/${name}`;
}

async function addsAndDeletes(bed: Bed): Promise<void> {
  const options = { conf: conf({ log_level: 'warning' }), killAfter: HANGS_AFTER_MS };
  const [one, two] = [await bed.container(), await bed.container()];
  for (const container of [one, two]) resultOf(await bed.call('ADD', container, options));
  expect(new Set(usedAddresses(await bed.etcd.dump())).size).toBe(3);
  for (const container of [one, two]) silentSuccess(await bed.call('DEL', container, options));
  expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
}
