import { describe, expect } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { cover, uncover } from '../../support/bed/covered-program.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { conf, DUAL, POOL6 } from '../../support/stored/cluster.ts';

const FAILS = '#!/bin/sh\nexit 1\n';

/** Runs `work` on a host where programs that the executables should not need are missing or fail. */
async function withoutPrograms<T>(bed: Bed, text: string, work: () => Promise<T>): Promise<T> {
  for (const program of ['ip', 'nsenter', 'flock']) await cover(bed, program, text);
  try {
    return await work();
  } finally {
    for (const program of ['ip', 'nsenter', 'flock']) await uncover(bed, program);
  }
}

describe.each([
  ['has neither iproute2 nor util-linux', ''],
  ['has programs that fail', FAILS],
])('a host that %s', (_, text) => {
  test('adds, checks and cleanly deletes a pod of both families', async ({ bed }) => {
    const changes = { conf: conf({ cniVersion: '1.0.0', ipam: DUAL }) };
    await bed.etcd.put(POOL6);
    const container = await bed.container();
    await withoutPrograms(bed, text, async () => {
      const prevResult = await bed.add(container, changes);
      const checked = await bed.call('CHECK', container, {
        conf: conf({ cniVersion: '1.0.0', ipam: DUAL, prevResult }),
      });
      expect(checked).toMatchObject({ exit: 0, stdout: '' });
      await bed.del(container, changes);
    });
    expect(await caliLinks(bed.host)).toEqual([]);
    expect(Object.keys(await bed.etcd.dump()).filter((key) => /handle|workloadendpoints/.test(key))).toEqual([]);
  });

  test('also removes a leftover pair by the name of its host end', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await withoutPrograms(bed, text, async () => {
      const gone = await bed.call('DEL', container, { netns: '' });
      expect(gone).toMatchObject({ exit: 0, stdout: '' });
    });
    expect(await caliLinks(bed.host)).toEqual([]);
  });
});
