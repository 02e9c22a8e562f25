import { expect } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { calicoctl } from '../../support/calicoctl/calicoctl.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { handle } from '../../support/stored/ipam-world.ts';

/** What commands print, without times, versions and revisions. */
async function transcript(bed: Bed, ...lines: readonly string[]): Promise<string> {
  const parts: string[] = [];
  for (const line of lines) {
    const { stdout, stderr, exit } = await calicoctl(bed, line);
    parts.push(`$ calicoctl ${line}\n${stdout}${stderr}${exit === 0 ? '' : `(status ${exit})\n`}`);
  }
  return parts
    .join('')
    .replaceAll(/revision \d+/g, 'revision N')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000 UTC/g, 'TIME');
}

test('a cluster, from an empty etcd to a damaged and repaired handle', async ({ bed }) => {
  await bed.etcd.wipe();
  const made = await transcript(bed, 'init --cidr=192.168.0.0/16 --node=node1', 'init', 'ipam show');
  const container = await bed.container();
  const [address] = addressesOf(await bed.add(container));
  const shown = await transcript(
    bed,
    `ipam show --ip=${address}`,
    'ipam show --show-blocks',
    'node ipam',
    'ipam check',
  );
  await bed.etcd.del(handle(`net1.${container.containerID}`));
  const mended = await transcript(bed, 'ipam check', 'ipam repair', 'ipam repair --yes', 'ipam check');
  await expect(`${made}${shown}${mended}`).toMatchFileSnapshot('../../testdata/ctl/session.txt');
  await bed.del(container);
});
