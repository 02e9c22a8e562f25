import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test as plain } from 'vitest';
import { type Bed, openBed, test } from '../../support/bed/bed.ts';
import { openForTests } from '../../support/bed/for-tests.ts';
import { calicoctl, said } from '../../support/calicoctl/calicoctl.ts';
import { type Figures, readFigures } from '../../support/calicoctl/exposition.ts';
import { conf, pool } from '../../support/stored/cluster.ts';

const CALICO = '/calico/resources/v3/projectcalico.org/';
const POOL = { ippool: 'default-ipv4-ippool' };

const figures = async (bed: Bed, options = ''): Promise<Figures> =>
  readFigures(await said(bed, `ipam metrics --grace=0${options}`));

/** `IPS IN USE` and `IPS FREE` of a pool, as `ipam show` says. */
async function shown(bed: Bed, cidr: string): Promise<{ readonly used: number; readonly free: number }> {
  const row = (await said(bed, 'ipam show')).split('\n').find((line) => line.includes(`${cidr} `)) ?? '';
  const [used = 0, , free = 0] = row
    .split('|')
    .slice(4)
    .map((cell) => Number(cell.trim().split(' ')[0]));
  return { used, free };
}

/** How many leaked addresses `ipam check` finds. */
async function leaks(bed: Bed): Promise<number> {
  const { stdout } = await calicoctl(bed, 'ipam check --grace=0');
  return Number(/^Leaked addresses: .*: (\d+)$/m.exec(stdout)?.[1] ?? 0);
}

describe('ipam metrics', () => {
  test('has the figures of ipam show and ipam check while pods come and go', async ({ bed }) => {
    await bed.etcd.put(pool('small', '10.77.0.0/28', { blockSize: 30 }));
    const containers = [];
    const compare = async () => {
      const now = await figures(bed);
      for (const [ippool, cidr] of [
        ['default-ipv4-ippool', '192.168.0.0/16'],
        ['small', '10.77.0.0/28'],
      ] as const) {
        const { used, free } = await shown(bed, cidr);
        expect(now.sum('ipam_allocations_in_use', { ippool })).toBe(used);
        if (free < 10_000) expect(now.value('ipam_ippool_free_addresses', { ippool })).toBe(free);
      }
      expect(now.value('ipam_check_findings', { kind: 'leaked', severity: 'fault' })).toBe(await leaks(bed));
      return now;
    };
    await compare();
    for (let count = 0; count < 3; count++) {
      const container = await bed.container();
      await bed.add(container);
      containers.push(container);
    }
    const small = conf({ ipam: { type: 'calico-ipam', ipv4_pools: ['10.77.0.0/28'] } });
    const other = await bed.container();
    await bed.add(other, { conf: small });
    const full = await compare();
    expect(full.value('ipam_allocations_in_use', { ...POOL, node: 'node1' })).toBe(3);
    expect(full.value('ipam_allocations_in_use', { ...POOL, node: 'node2' })).toBe(0);
    expect(full.value('ipam_blocks', { ...POOL, node: 'node1' })).toBe(1);
    expect(full.value('ipam_ippool_size', POOL)).toBe(65_536);
    expect(full.value('ipam_ippool_free_blocks', POOL)).toBe(1023);
    expect(full.value('ipam_ippool_claimable_addresses', { ippool: 'small' })).toBe(12);
    expect(full.value('ipam_node_blocks', { node: 'node1', ip_version: '4' })).toBe(2);
    expect(full.value('ipam_node_free_addresses', { node: 'node1', ip_version: '4' })).toBe(61 + 3);
    expect(full.value('ipam_datastore_up')).toBe(1);
    for (const container of [...containers, other]) {
      await bed.del(container);
      await compare();
    }
  });

  test('counts ADDs, DELs and their errors on the node', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await bed.del(container);
    await bed.call('ADD', container, { netns: '/none' });
    const now = await figures(bed, ' --only=node --node=node1');
    const of = (verb: string, code: string) => ({ node: 'node1', plugin: 'calico', verb, code });
    expect(now.value('calico_cni_calls_total', of('ADD', '0'))).toBe(1);
    expect(now.value('calico_cni_calls_total', of('DEL', '0'))).toBe(1);
    expect(now.sum('calico_cni_calls_total', { verb: 'ADD' })).toBe(2);
    const add = { node: 'node1', plugin: 'calico', verb: 'ADD' };
    expect(now.value('calico_cni_call_duration_seconds_count', add)).toBe(2);
    expect(now.value('calico_cni_call_duration_seconds_bucket', { ...add, le: '+Inf' })).toBe(2);
    expect(now.value('calico_cni_call_duration_seconds_sum', add)).toBeGreaterThan(0);
  });

  test('with metrics: false in the network configuration nothing is written', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container, { conf: conf({ metrics: false }) });
    await bed.del(container, { conf: conf({ metrics: false }) });
    expect(readdirSync(bed.host.file('/run/calico/cni')).filter((name) => name.startsWith('calls'))).toEqual([]);
  });

  test('writes a file for node_exporter, all at once', async ({ bed }) => {
    mkdirSync(bed.host.file('/run/calico-test/textfile'));
    const folder = bed.host.file('/run/calico-test/textfile');
    writeFileSync(`${folder}/calico.prom`, 'old');
    const old = statSync(`${folder}/calico.prom`).ino;
    expect(await said(bed, 'ipam metrics --textfile=/run/calico-test/textfile/calico.prom')).toBe('');
    expect(readFigures(readFileSync(`${folder}/calico.prom`, 'utf8')).value('ipam_ippool_size', POOL)).toBe(65_536);
    expect(statSync(`${folder}/calico.prom`)).toMatchObject({ ino: expect.not.toBeOneOf([old]) });
    expect(statSync(`${folder}/calico.prom`).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder)).toEqual(['calico.prom']);
    expect(await calicoctl(bed, 'ipam metrics --textfile=/none/calico.prom')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('cannot write /none/calico.prom: '),
    });
  });

  test('says that the datastore cannot be read, and still has what the node knows', async ({ bed }) => {
    const { exit, stdout, stderr } = await calicoctl(bed, 'ipam metrics', { ETCD_ENDPOINTS: 'http://127.0.0.1:1' });
    expect(exit).toBe(1);
    expect(stderr).toContain('cannot read the datastore: etcd cannot be reached: http://127.0.0.1:1');
    const now = readFigures(stdout);
    expect(now.value('ipam_datastore_up')).toBe(0);
    expect(stdout).toMatch(/^calico_cni_journal_entries\{node=".+"\} 0$/m);
    expect(stdout).not.toContain('ipam_blocks');
  });

  test('has what ipam check finds leaked, by pool and node', async ({ bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container);
    await bed.add(other);
    const endpoint = `${CALICO}workloadendpoints/default/node1-cni-${container.containerID}-eth0`;
    const stored = (await bed.etcd.dump())[endpoint] ?? '';
    expect(stored).not.toBe('');
    await bed.etcd.del(endpoint);
    expect(await leaks(bed)).toBe(1);
    const now = await figures(bed);
    expect(now.value('ipam_check_findings', { kind: 'leaked', severity: 'fault' })).toBe(1);
    expect(now.value('ipam_allocations_gc_candidates', { ...POOL, node: 'node1' })).toBe(1);
    expect(now.value('ipam_allocations_gc_candidates', { ...POOL, node: 'node2' })).toBe(0);
    const never = await figures(bed, ' --check-every=0');
    expect(never.sum('ipam_check_findings')).toBe(0);
    await bed.etcd.put({ [endpoint]: stored });
  });
});

describe('options of ipam metrics:', () => {
  const bed = openForTests(openBed);
  plain.each([
    ['--listen=9094', '--listen must be ADDRESS:PORT, e.g. 127.0.0.1:9094, [::1]:9094 or :9094: 9094'],
    ['--listen=127.0.0.1:99999', '--listen must be ADDRESS:PORT'],
    ['--listen=:1 --textfile=/tmp/x', 'only one of --listen and --textfile at a time'],
    ['--web-config-file=/tmp/x', '--web-config-file needs --listen'],
    ['--check-every=often', '--check-every must be a duration'],
    ['--only=pods', "argument 'pods' is invalid"],
  ])('%s is wrong', async (options, says) => {
    expect(await calicoctl(bed, `ipam metrics ${options}`)).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining(says),
    });
  });
});
