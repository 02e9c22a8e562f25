import { readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { HOSTILE_ENTRIES, JOURNAL } from '../../support/journal/hostile-entries.ts';
import { CLUSTER_GUID, conf } from '../../support/stored/cluster.ts';

/** No journal may delay a call this long, however slow the machine is. */
const HANGS_AFTER_MS = 15_000;

describe.concurrent('a journal that something else has written to', () => {
  test.for(HOSTILE_ENTRIES)('stops neither calls nor releases: $what', async ({ make }, { bed }) => {
    const [container, next] = [await bed.container(), await bed.container()];
    await bed.add(container);
    await bed.host.must('ip', ['link', 'set', 'lo', 'down']);
    await bed.del(container);
    await bed.host.must('ip', ['link', 'set', 'lo', 'up']);
    for (const name of ['a', `${container.containerID}-0`, `${next.containerID}-0`]) {
      await bed.host.must('sh', ['-c', make, 'sh', `${JOURNAL}/${name}.json`]);
    }
    const logging = { conf: conf({ log_level: 'warning' }), killAfter: HANGS_AFTER_MS };
    const ran = await bed.call('ADD', next, logging);
    expect(ran.exit, ran.stdout).toBe(0);
    expect(ran.stderr).toContain('Ignored a file in the journal that is not a release');
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
    expect((await bed.call('DEL', next, logging)).exit).toBe(0);
    expect(usedAddresses(await bed.etcd.dump())).toEqual([]);
  });

  test.for([
    { what: 'waiting for another etcd', entry: { cluster: 'another' }, isDone: false },
    { what: 'that can be released', entry: { cluster: CLUSTER_GUID }, isDone: true },
    { what: 'that are invalid', entry: null, isDone: false },
  ])('is drained in portions: 20,000 entries $what', { timeout: 120_000 }, async ({ entry, isDone }, { bed }) => {
    const container = await bed.container();
    await fill(bed, entry);
    const ran = await bed.call('ADD', container, { killAfter: HANGS_AFTER_MS });
    expect(ran.exit, `${ran.exit} after ${ran.millis} ms`).toBe(0);
    const left = readdirSync(bed.host.file(JOURNAL)).length;
    expect(left).toBeGreaterThan(19_000);
    expect(left < 20_000).toBe(isDone);
    expect((await bed.call('DEL', container, { killAfter: HANGS_AFTER_MS })).exit).toBe(0);
  });
});

/** 20,000 releases of containers that do not exist. */
async function fill(bed: Bed, entry: object | null): Promise<void> {
  const common = { network: 'net1', node: 'node1', handleIDs: [], endpoints: [], not: [], due: '1', ...entry };
  const text = entry === null ? 'null' : JSON.stringify({ ...common, containerID: 'CONTAINER' });
  const script = `mkdir -m 700 ${JOURNAL}; cd ${JOURNAL}
    seq 20000 | awk -v text="$1" '{ line = text; sub("CONTAINER", "x" $1, line); print line > "x" $1 "-0.json"; close("x" $1 "-0.json") }'`;
  await bed.host.must('sh', ['-ec', script, 'sh', text.replaceAll('"', '\\"')]);
}
