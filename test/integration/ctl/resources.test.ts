import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { retell } from '../../support/calicoctl/story.ts';
import { startEtcd } from '../../support/etcd/etcd.ts';
import { startHost } from '../../support/host/host.ts';
import { violations } from '../../support/invariants/invariants.ts';

const STORY = 'test/testdata/ctl/resources/story.txt';

describe('calicoctl', () => {
  test('prints the expected texts about resources, starting from an empty etcd', async () => {
    const host = await startHost();
    const etcd = await startEtcd(host);
    try {
      expect(await retell(host, STORY)).toBe(readFileSync(STORY, 'utf8'));
      expect(violations(await etcd.dump())).toEqual([]);
    } finally {
      await etcd.stop();
      await host.stop();
    }
  });
});
