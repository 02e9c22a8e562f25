import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { machine } from '../../support/bed/etcd-machine.ts';
import { calicoctl, said } from '../../support/calicoctl/calicoctl.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { MENDABLE } from '../../support/stored/ipam-damage.ts';
import { damaged, HEALTHY, type IpamDamage, UNUSUAL } from '../../support/stored/ipam-healthy.ts';

/** The reports of a check without what changes from run to run. */
const findingsOf = (report: string): readonly string[] => {
  const { findings } = JSON.parse(report) as { findings: readonly { kind: string; text: string }[] };
  return findings.map(({ kind, text }) => `${kind} ${text}`).sort();
};

test('ipam check finds no problem in a healthy cluster, nor in one with every unusual state', async () => {
  const bed = await machine(HEALTHY);
  expect(await said(bed, 'ipam check')).toMatchInlineSnapshot(`
    "Checked 1 block with 1 address, 1 affinity, 1 handle, 1 endpoint, 1 pool, 2 nodes at revision 10.

    Check complete; found 0 problems.
    "
  `);
  await bed.etcd.put(UNUSUAL);
  expect(await said(bed, 'ipam check')).toMatch(/\nCheck complete; found 0 problems\.\n$/);
  expect(await said(bed, 'ipam repair --yes')).toBe('Nothing to repair.\n');
});

describe('ipam check finds and ipam repair fixes', () => {
  test.each(chunks(MENDABLE, 8))('damage %#', async (...damages) => {
    const bed = await machine({});
    for (const damage of damages) {
      const before = damaged(damage);
      await bed.etcd.wipe();
      await bed.etcd.put(before);
      expect((await calicoctl(bed, 'ipam check -o /run/report.json')).exit, damage.name).toBe(1);
      expect(findingsOf(await bed.host.must('cat', ['/run/report.json'])), damage.name).toEqual(
        [...damage.says].sort(),
      );
      const dry = await calicoctl(bed, 'ipam repair --dry-run');
      expect([dry.exit, dry.stdout.includes('Dry run: nothing was changed.')], damage.name).toEqual([0, true]);
      expect(await bed.etcd.dump(), damage.name).toEqual(before);
      age(bed.host.file('/run/report.json'));
      const repaired = await calicoctl(bed, 'ipam repair --yes --from=/run/report.json');
      expect([repaired.exit, repaired.stdout.includes(' left: ')], repaired.stdout).toEqual([0, false]);
      expect(violations(await bed.etcd.dump()), damage.name).toEqual([]);
      expect(await said(bed, 'ipam check')).toMatch(/found 0 problems/);
    }
  });
});

/** A report some minutes old, so that its findings are old enough. */
function age(file: string): void {
  const report = readFileSync(file, 'utf8');
  writeFileSync(file, report.replace(/"checkedAt": "[^"]*"/, '"checkedAt": "2026-11-21T00:00:00Z"'));
}

function chunks(items: readonly IpamDamage[], length: number): readonly (readonly IpamDamage[])[] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, at) =>
    items.slice(at * length, (at + 1) * length),
  );
}
