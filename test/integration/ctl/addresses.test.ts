import { describe, expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { machine } from '../../support/bed/etcd-machine.ts';
import { calicoctl, said } from '../../support/calicoctl/calicoctl.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { blockOf, claim, container, counts, damaged } from '../../support/stored/ipam-healthy.ts';
import { CONFIG } from '../../support/stored/ipam-world.ts';

const A = '10.10.0.0/29';
const LEAK = damaged({
  put: { ...blockOf(A, 'host:node1', { 0: container('c1'), 1: container('c2') }), ...counts('net1.c2', { [A]: 1 }) },
});

describe.concurrent('ipam release', () => {
  test('releases an address with its handle, once', async ({ bed }) => {
    const { containerID, netns } = await bed.container();
    const [address] = addressesOf(await bed.add({ containerID, netns }, { plugin: 'calico-ipam' }));
    expect(await said(bed, `ipam release --ip=${address}`)).toBe(`Successfully released IP address ${address}\n`);
    expect(Object.keys(await bed.etcd.dump('/calico/ipam/v2/handle/'))).toEqual([]);
    const again = await calicoctl(bed, `ipam release --ip=${address}`);
    expect([again.exit, again.stderr]).toEqual([
      1,
      `Failed to execute command: IP address ${address} is not assigned\n`,
    ]);
  });

  test('requires an address or a report', async ({ bed }) => {
    expect((await calicoctl(bed, 'ipam release --ip=10.0.0.0/8')).exit).toBe(2);
    expect((await calicoctl(bed, 'ipam release')).exit).toBe(2);
  });
});

describe('ipam release --from-report', () => {
  const bed = async () => {
    const made = await machine(LEAK);
    expect((await calicoctl(made, 'ipam check -o /run/a.json')).exit).toBe(1);
    return made;
  };

  test('releases leaked addresses, with --force as the datastore is not locked', async () => {
    const made = await bed();
    const refused = await calicoctl(made, 'ipam release --from-report=/run/a.json');
    expect(refused.stderr).toContain('data store is not locked. Either lock the data store, or re-run with --force');
    expect(await said(made, 'ipam release --from-report=/run/a.json --from-report=/run/a.json --force')).toBe(
      'WARNING: Data store is not locked. Ignoring due to --force option\nReleasing 1 old IPs...\nReleased 1 IPs successfully\n' +
        "Report didn't contain any handles to clean up.\nYou may now unlock the data store.\n",
    );
    expect(await said(made, 'ipam check')).toContain('found 0 problems');
  });

  test('keeps an address that was assigned again since the report', async () => {
    const made = await bed();
    const holders = { 0: container('c1'), 1: container('c2') };
    await made.etcd.put(blockOf(A, 'host:node1', holders, { sequenceNumberForAllocation: { 0: 1n, 1: 2n } }));
    const { exit, stdout, stderr } = await calicoctl(made, 'ipam release --from-report=/run/a.json --force');
    expect([exit, stdout]).toEqual([1, expect.stringContaining('Released 0 IPs successfully')]);
    expect(stderr).toContain('the given sequence number');
  });

  test('rejects a report of another cluster or an older state', async () => {
    const made = await bed();
    await made.host.must('sh', ['-c', "sed 's/0123456789abcdef/fedcba9876543210/' /run/a.json > /run/b.json"]);
    const other = await calicoctl(made, 'ipam release --from-report=/run/b.json --force');
    expect(other.stderr).toContain('mismatched cluster GUID. Refusing to release');
    expect((await calicoctl(made, 'ipam repair --yes --from=/run/b.json')).stderr).toContain('mismatched cluster GUID');
    const information = Object.entries(await made.etcd.dump()).filter(([key]) => key.includes('clusterinformations'));
    await made.etcd.put(Object.fromEntries(information));
    const stale = await calicoctl(made, 'ipam release --from-report=/run/a.json --force');
    expect(stale.stderr).toContain('the provided reports are all stale');
  });
});

describe('ipam configure', () => {
  test('writes what the original writes, and rejects settings that conflict', async () => {
    const made = await machine({});
    const config = async () => (await made.etcd.dump())[CONFIG];
    expect(await said(made, 'ipam configure --strictaffinity=true')).toBe('Successfully set StrictAffinity to: true\n');
    const first = '{"strict_affinity":true,"auto_allocate_blocks":true,"kubeVirtVMAddressPersistence":"Enabled"}';
    expect(await config()).toBe(first);
    await said(made, 'ipam configure --max-blocks-per-host=2 --ip-cooldown-seconds=5');
    expect(await config()).toBe(
      '{"strict_affinity":true,"auto_allocate_blocks":true,"maxBlocksPerHost":2,"kubeVirtVMAddressPersistence":"Enabled","ipCooldownSeconds":5}',
    );
    const refused = await calicoctl(made, 'ipam configure --strictaffinity=false');
    expect(refused.stderr).toContain('MaxBlocksPerHost requires StrictAffinity to be enabled');
    for (const line of ['', ' --strictaffinity=maybe', ' --max-blocks-per-host=x', ' --kubevirt-ip-persistence=no']) {
      expect((await calicoctl(made, `ipam configure${line}`)).exit, line).toBe(2);
    }
    expect(await said(made, 'ipam show --show-configuration')).toMatch(/MaxBlocksPerHost +\| +2 \|/);
  });
});

describe('ipam show', () => {
  test('continues after a block that cannot be parsed', async () => {
    const made = await machine({
      ...LEAK,
      '/calico/ipam/v2/assignment/ipv4/block/10.10.0.16-29': '{',
      ...claim('node1', A),
    });
    const { exit, stdout, stderr } = await calicoctl(made, 'ipam show --show-blocks');
    expect([exit, stderr]).toEqual([
      0,
      expect.stringContaining('Cannot read /calico/ipam/v2/assignment/ipv4/block/10.10.0.16-29'),
    ]);
    expect(stdout).toContain('10.10.0.0/29');
  });
});
