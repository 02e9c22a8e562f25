import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import { type Chain, cnitool, entry } from '../../support/bed/conflist.ts';
import { addressesOf, resultOf, silentSuccess } from '../../support/calls/call.ts';
import { links } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { throughput } from '../../support/network/throughput.ts';
import { fetched, whileServing } from '../../support/network/web.ts';
import type { Conf } from '../../support/stored/cluster.ts';

const RATE = 10_000_000;
const LIMITS = { ingressRate: RATE, ingressBurst: 80_000, egressRate: RATE, egressBurst: 80_000 };
const BANDWIDTH: Conf = { type: 'bandwidth', capabilities: { bandwidth: true } };
const PORTMAP: Conf = { type: 'portmap', snat: true, capabilities: { portMappings: true } };
const MAC = '02:42:42:42:42:42';
const TUNING: Conf = { type: 'tuning', mac: MAC, mtu: 1300, sysctl: { 'net.ipv4.conf.all.log_martians': '1' } };

beforeEach(({ skip }) => skip(tools().cnitool === undefined, 'cnitool cannot be built here'));

/** Distributions' plugins support versions up to 1.0.0. */
const VERSIONS = ['0.3.1', '0.4.0', '1.0.0', '1.1.0'];

describe.for(VERSIONS)('a list of version %s run by cnitool', (cniVersion) => {
  beforeEach(({ skip }) => {
    skip(cniVersion === '1.1.0' && tools().newPlugins === undefined, 'no reference plugins that know CNI 1.1.0');
  });

  test('limits the pod to 10 Mbit/s in both directions with bandwidth after ours', { timeout: 60_000 }, async ({
    bed,
  }) => {
    const chain = chainOf(cniVersion, [entry(), BANDWIDTH], { bandwidth: LIMITS });
    await lifeOf(bed, chain, async (container, address) => {
      const sent = await throughput(bed.host, container.netns, address, undefined);
      const received = await throughput(bed.host, undefined, '10.0.0.1', container.netns);
      console.info(`${cniVersion}, plugin bandwidth at ${RATE} bit/s: sent ${sent}, received ${received} bit/s`);
      expectRate(sent);
      expectRate(received);
    });
    expect(await bed.host.must('ip', ['-br', 'link'])).not.toMatch(/^bwp/m);
  });

  test('opens a host port with portmap after ours', async ({ bed, skip }) => {
    skip(tools().iptables === undefined, 'iptables is not available here');
    const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }];
    const client = await bed.container();
    await bed.add(client);
    const chain = { ...chainOf(cniVersion, [entry(), PORTMAP], { portMappings }), path: iptablesAlone(bed) };
    await lifeOf(bed, chain, async ({ netns }) => {
      await whileServing(bed.host, netns, 80, 'hello from the pod', async () => {
        expect(await fetched(bed.host, 'http://10.0.0.1:8080/')).toBe('hello from the pod');
        expect(await fetched(bed.host, 'http://10.0.0.1:8080/', client.netns)).toBe('hello from the pod');
        expect(await fetched(bed.host, 'http://10.0.0.1:8081/')).toBe('');
      });
    });
    await bed.del(client);
  });

  test('has its interface changed by tuning and its lo set up by loopback', async ({ bed }) => {
    const chain = chainOf(cniVersion, [entry(), TUNING, { type: 'loopback' }]);
    await lifeOf(bed, chain, async ({ netns }, address) => {
      const there = await links(bed.host, netns);
      expect(there.find(({ ifname }) => ifname === 'eth0')).toMatchObject({ address: MAC, mtu: 1300 });
      expect(there.find(({ ifname }) => ifname === 'lo')?.operstate).toBe('UNKNOWN');
      expect(await reaches(bed.host, address)).toBe(true);
    });
  });
});

describe('STATUS and GC of a list of version 1.1.0 run by cnitool', () => {
  beforeEach(({ skip }) => skip(tools().newPlugins === undefined, 'no reference plugins that know CNI 1.1.0'));
  const chain = () => chainOf('1.1.0', [entry(), BANDWIDTH, PORTMAP, TUNING]);

  test('reports whether ADD would work', async ({ bed }) => {
    const container = await bed.container();
    silentSuccess(await cnitool(bed, chain(), 'status', container));
    await bed.etcd.del(...Object.keys(await bed.etcd.dump()).filter((key) => key.includes('/ippools/')));
    const ran = await cnitool(bed, chain(), 'status', container);
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toContain('cannot find a qualified ippool');
  });

  test('deletes attachments that cnitool knows, and we reject its GC without a list of attachments', async ({
    bed,
  }) => {
    const container = await bed.container();
    const before = await bed.state();
    resultOf(await cnitool(bed, chain(), 'add', container));
    const ran = await cnitool(bed, chain(), 'gc', container);
    expect(ran.stderr).toContain('GC needs cni.dev/valid-attachments');
    const after = await bed.state();
    expect(after.host).toEqual(before.host);
    expect(Object.keys(after.etcd).join()).not.toMatch(/\/handle\/|workloadendpoints/);
  });

  test.for(['host-local'])('also calls %s, as its delegate', async (type, { bed }) => {
    const ipam = { type, subnet: '10.80.0.0/24', dataDir: '/run/calico-test/host-local' };
    const container = await bed.container();
    await lifeOf(bed, chainOf('1.1.0', [entry({ ipam })]), async () => undefined);
    silentSuccess(await cnitool(bed, chainOf('1.1.0', [entry({ ipam })]), 'status', container));
  });
});

describe('limits without the plugin bandwidth', () => {
  const OURS = entry({ bandwidth_by: 'plugin', capabilities: { bandwidth: true } });

  test('are applied by ours if our own entry has the capability', { timeout: 60_000 }, async ({ bed }) => {
    const chain = chainOf('1.0.0', [OURS], { bandwidth: LIMITS });
    await lifeOf(bed, chain, async (container, address) => {
      expectRate(await throughput(bed.host, container.netns, address, undefined));
      expectRate(await throughput(bed.host, undefined, '10.0.0.1', container.netns));
    });
  });

  test('together with bandwidth are rejected by bandwidth, and DEL leaves nothing', async ({ bed }) => {
    const chain = chainOf('1.0.0', [OURS, BANDWIDTH], { bandwidth: LIMITS });
    const container = await bed.container();
    const before = await bed.state();
    const ran = await cnitool(bed, chain, 'add', container);
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toMatch(/plugin type="bandwidth" failed \(add\).*qdisc/);
    await cnitool(bed, chain, 'del', container);
    expect((await bed.state()).host).toEqual(before.host);
    expect(await bed.host.must('ip', ['-br', 'link'])).not.toMatch(/^bw/m);
  });
});

function chainOf(cniVersion: string, list: readonly Conf[], capabilities: Conf = {}): Chain {
  const { plugins, newPlugins = plugins } = tools();
  return { cniVersion, list, capabilities, plugins: cniVersion === '1.1.0' ? newPlugins : plugins };
}

/**
 * A directory for PATH without ip6tables: where old portmap versions find it, they look for IPv6 rules of an IPv4 pod.
 */
function iptablesAlone(bed: Bed): string {
  const folder = '/run/calico-test/iptables';
  mkdirSync(bed.host.file(folder));
  const script = `#!/bin/sh\nexec ${tools().iptables}/iptables "$@"\n`;
  writeFileSync(bed.host.file(`${folder}/iptables`), script, { mode: 0o755 });
  return folder;
}

/** ADD, `work`, CHECK if the version has it, and DEL twice. Nothing may be left. */
async function lifeOf(
  bed: Bed,
  chain: Chain,
  work: (container: Container, address: string) => Promise<void>,
): Promise<void> {
  const container = await bed.container();
  const before = await bed.state();
  const [address = ''] = addressesOf(resultOf(await cnitool(bed, chain, 'add', container)));
  await work(container, address);
  if (chain.cniVersion !== '0.3.1') silentSuccess(await cnitool(bed, chain, 'check', container));
  silentSuccess(await cnitool(bed, chain, 'del', container));
  silentSuccess(await cnitool(bed, chain, 'del', container));
  const after = await bed.state();
  expect(after.host).toEqual(before.host);
  expect(after.pods[container.netns]?.addrs).toEqual([]);
  const left = Object.keys(after.etcd).filter((key) => !(key in before.etcd));
  expect(left.join()).not.toMatch(/\/handle\/|workloadendpoints/);
}

function expectRate(bitsPerSecond: number): void {
  expect(bitsPerSecond).toBeGreaterThan(RATE * 0.85);
  expect(bitsPerSecond).toBeLessThan(RATE * 1.15);
}
