import { beforeEach, describe, expect, test } from 'vitest';
import { openForTests } from '../../support/bed/for-tests.ts';
import { openBed } from '../../support/bed/open-bed.ts';
import { calicoctl, said } from '../../support/calicoctl/calicoctl.ts';
import { addressesOf } from '../../support/calls/call.ts';

describe('ipam split', () => {
  const bed = openForTests(openBed);
  beforeEach(() => said(bed, 'datastore migrate unlock'));

  test('is refused while the datastore is not locked', async () => {
    const before = await bed.etcd.dump();
    expect(await calicoctl(bed, 'ipam split 4 --cidr=192.168.0.0/16')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('the datastore is not locked, nothing was changed'),
    });
    expect(await bed.etcd.dump()).toEqual(before);
  });

  test.each([
    ['ipam split --cidr=192.168.0.0/16', "missing required argument 'number'"],
    ['ipam split four --cidr=192.168.0.0/16', 'the number of parts must be a number, not four'],
    ['ipam split 4', 'ipam split needs either --cidr or --name'],
    ['ipam split 4 --cidr=192.168.0.0/16 --name=x', 'ipam split needs either --cidr or --name'],
  ])('%s is wrong', async (line, says) => {
    expect(await calicoctl(bed, line)).toMatchObject({ exit: 2, stderr: expect.stringContaining(says) });
  });

  test('makes smaller pools, and pods keep their addresses and get others', async () => {
    const container = await bed.container();
    const [address = ''] = addressesOf(await bed.add(container));
    await said(bed, 'datastore migrate lock');
    expect(await said(bed, 'ipam split 4 --name=default-ipv4-ippool')).toBe(
      [
        'Made IPPool(default-ipv4-ippool-0) 192.168.0.0/18',
        'Made IPPool(default-ipv4-ippool-1) 192.168.64.0/18',
        'Made IPPool(default-ipv4-ippool-2) 192.168.128.0/18',
        'Made IPPool(default-ipv4-ippool-3) 192.168.192.0/18',
        'Deleted IPPool(default-ipv4-ippool) 192.168.0.0/16\n',
      ].join('\n'),
    );
    await said(bed, 'datastore migrate unlock');
    expect(await said(bed, 'ipam check')).toContain('found 0 problems');
    expect(await said(bed, `ipam show --ip=${address}`)).toContain('pool default-ipv4-ippool-1');
    const other = await bed.container();
    const [next = ''] = addressesOf(await bed.add(other));
    expect(next).toMatch(/^192\.168\.89\./);
    await bed.del(other);
    await bed.del(container);
  });

  test('goes on where it was interrupted, and does not touch another pool of that name', async () => {
    await said(bed, 'datastore migrate lock');
    const taken = JSON.stringify({
      apiVersion: 'projectcalico.org/v3',
      kind: 'IPPool',
      metadata: { name: 'default-ipv4-ippool-0-1' },
      spec: { cidr: '10.99.0.0/16' },
    });
    const apply = (input: string) =>
      bed.host
        .must('sh', ['-c', `echo '${input}' > /run/calico-test/p.json`])
        .then(() => said(bed, 'apply -f /run/calico-test/p.json'));
    await apply(taken);
    const before = await bed.etcd.dump();
    expect(await calicoctl(bed, 'ipam split 2 --cidr=192.168.0.0/18')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('another pool has the name default-ipv4-ippool-0-1'),
    });
    expect(await bed.etcd.dump()).toEqual(before);
    await said(bed, 'delete ippool default-ipv4-ippool-0-1');
    const whole = Object.entries(before).find(([key]) => key.endsWith('/ippools/default-ipv4-ippool-0')) ?? ['', ''];
    // Killed after its first pools were made.
    const half = whole[1].replaceAll('default-ipv4-ippool-0', 'default-ipv4-ippool-0-0').replace('0.0/18', '0.0/19');
    await bed.etcd.put({ [`${whole[0]}-0`]: half });
    expect(await said(bed, 'ipam split 2 --cidr=192.168.0.0/18')).toBe(
      'Made IPPool(default-ipv4-ippool-0-1) 192.168.32.0/19\nDeleted IPPool(default-ipv4-ippool-0) 192.168.0.0/18\n',
    );
    expect(await said(bed, 'ipam check')).toContain('found 0 problems');
  });
});
