import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { shaperName } from '../../../plugins/linux/shaper.ts';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import { addressesOf, callPlugin, failureOf, resultOf, silentSuccess } from '../../support/calls/call.ts';
import { deleteNetns, netnsPath } from '../../support/network/netns.ts';
import { throughput } from '../../support/network/throughput.ts';
import { type Conf, conf } from '../../support/stored/cluster.ts';

const RATE = 10_000_000;
const ENDPOINTS = '/calico/resources/v3/projectcalico.org/workloadendpoints/';
const IN: Conf = { ingressRate: RATE, ingressBurst: 80_000 };
const OUT: Conf = { egressRate: RATE, egressBurst: 80_000 };
/** A Felix that runs on the test machine must not matter. */
const limited = (bandwidth: Conf, by = 'plugin') => ({
  conf: conf({ cniVersion: '1.0.0', bandwidth_by: by, runtimeConfig: { bandwidth } }),
});
const BOTH = limited({ ...IN, ...OUT });

describe('a pod with runtimeConfig.bandwidth', () => {
  test('gets 10 Mbit/s in both directions, within 15 %', { timeout: 60_000 }, async ({ bed }) => {
    const container = await bed.container();
    const [address = ''] = addressesOf(await bed.add(container, BOTH));
    const sent = await throughput(bed.host, container.netns, address, undefined);
    const received = await throughput(bed.host, undefined, '10.0.0.1', container.netns);
    console.info(`measured with a limit of ${RATE} bit/s: sent ${sent} bit/s, received ${received} bit/s`);
    for (const rate of [sent, received]) {
      expect(rate).toBeGreaterThan(RATE * 0.85);
      expect(rate).toBeLessThan(RATE * 1.15);
    }
  });

  test('in one direction only is not limited in the other', { timeout: 60_000 }, async ({ bed }) => {
    const container = await bed.container();
    const [address = ''] = addressesOf(await bed.add(container, limited(IN)));
    expect(await throughput(bed.host, container.netns, address, undefined)).toBeGreaterThan(RATE * 5);
    expect(await throughput(bed.host, undefined, '10.0.0.1', container.netns)).toBeLessThan(RATE * 1.15);
  });

  test('has a token bucket on each side, and DEL leaves neither device nor bucket', async ({ bed }) => {
    const container = await bed.container();
    const before = await devices(bed);
    await bed.add(container, BOTH);
    expect(await buckets(bed, hostEnd(container))).toEqual([RATE / 8]);
    expect(await buckets(bed, ifb(container))).toEqual([RATE / 8]);
    await bed.del(container, BOTH);
    expect(await devices(bed)).toEqual(before);
  });

  test.for(['gone', 'not given'])('leaves no device after a DEL whose namespace is %s', async (how, { bed }) => {
    const container = await bed.container();
    const before = await devices(bed);
    await bed.add(container, BOTH);
    if (how === 'gone') await deleteNetns(bed.host, container.netns);
    // DEL must find the device without the limits in its configuration, since the runtime may have dropped them.
    await bed.del(container, { conf: conf(), ...(how === 'gone' ? {} : { netns: '' }) });
    expect(await devices(bed)).toEqual(before);
  });

  test('that is added again keeps its limits, and gets new ones when they have changed', async ({ bed }) => {
    const container = await bed.container();
    const first = addressesOf(await bed.add(container, BOTH));
    expect(addressesOf(await bed.add(container, BOTH))).toEqual(first);
    expect(await buckets(bed, hostEnd(container))).toEqual([RATE / 8]);
    await bed.add(container, limited({ ...IN, ...OUT, ingressRate: RATE * 2 }));
    expect(await buckets(bed, hostEnd(container))).toEqual([RATE / 4]);
    expect(await buckets(bed, ifb(container))).toEqual([RATE / 8]);
  });

  test('that is added again without its host-side limits is limited and checked again', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container, BOTH);
    await bed.host.must('tc', ['qdisc', 'del', 'dev', hostEnd(container), 'root']);
    await bed.host.must('ip', ['link', 'del', ifb(container)]);
    const prevResult = await bed.add(container, BOTH);
    expect(await buckets(bed, hostEnd(container))).toEqual([RATE / 8]);
    expect(await buckets(bed, ifb(container))).toEqual([RATE / 8]);
    silentSuccess(await bed.call('CHECK', container, { conf: { ...BOTH.conf, prevResult } }));
  });

  test('works in a new namespace after a killed ADD whose namespace is gone', { timeout: 60_000 }, async ({ bed }) => {
    for (let kill = 0; kill < 8; kill++) {
      const victim = await bed.container();
      await bed.call('ADD', victim, { ...BOTH, killAfter: 8 + 4 * kill });
      await sleep(25);
      await deleteNetns(bed.host, victim.netns);
      await bed.etcd.del(...Object.keys(await bed.etcd.dump()).filter((key) => key.includes(victim.containerID)));
      const container = { ...victim, netns: (await bed.container()).netns };
      expect((await bed.add(container, BOTH)).ips).toHaveLength(1);
      await bed.del(container, BOTH);
    }
    expect((await devices(bed)).filter((name) => /^(cali|bw)/.test(name))).toEqual([]);
  });
});

describe('who limits a pod', () => {
  const controls = async (bed: Bed) => {
    const [endpoint = '{}'] = Object.values(await bed.etcd.dump(ENDPOINTS));
    return JSON.parse(endpoint).spec.qosControls;
  };
  const CONTROLS = {
    ingressBandwidth: RATE,
    egressBandwidth: RATE,
    ingressBurst: IN['ingressBurst'],
    egressBurst: OUT['egressBurst'],
  };

  test.for([
    { by: 'auto', felix: false, here: true },
    { by: 'auto', felix: true, here: false },
    { by: 'plugin', felix: true, here: true },
    { by: 'felix', felix: false, here: false },
  ])(
    'bandwidth_by $by, Felix running $felix: this plugin $here; the endpoint carries the limits',
    async (one, { bed }) => {
      const container = await bed.container();
      const alone = { ...bed.host, run: besideFelix(bed, one.felix) };
      const netns = netnsPath(container.netns);
      const call = { containerID: container.containerID, netns, ...limited({ ...IN, ...OUT }, one.by) };
      const result = resultOf(await callPlugin(alone, { command: 'ADD', ...call }));
      expect(await buckets(bed, hostEnd(container))).toEqual(one.here ? [RATE / 8] : []);
      expect((await devices(bed)).includes(ifb(container))).toBe(one.here);
      expect(await controls(bed)).toEqual(CONTROLS);
      const checked = { ...call, conf: { ...call.conf, prevResult: result } };
      silentSuccess(await callPlugin(alone, { command: 'CHECK', ...checked }));
    },
  );

  test('limits in one direction are the endpoint’s in one direction', async ({ bed }) => {
    await bed.add(await bed.container(), limited(IN));
    expect(await controls(bed)).toEqual({ ingressBandwidth: RATE, ingressBurst: IN['ingressBurst'] });
  });

  test('a pod that Felix limits does not need tc', async ({ bed }) => {
    await bed.host.must('mount', ['--bind', '/dev/null', (await bed.host.must('sh', ['-c', 'command -v tc'])).trim()]);
    expect((await bed.add(await bed.container(), limited(IN, 'felix'))).ips).toHaveLength(1);
  });

  test('any other value is rejected before any work', async ({ bed }) => {
    const failure = failureOf(await bed.call('ADD', await bed.container(), limited(IN, 'tc')));
    expect(failure.msg).toBe('unknown bandwidth_by "tc" in CNI config (supported: "auto", "plugin", "felix")');
  });

  test('a shaping device of an earlier version is removed with its pod', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await bed.host.must('ip', ['link', 'add', hostEnd(container).replace('cali', 'bwc'), 'type', 'ifb']);
    await bed.del(container);
    expect((await devices(bed)).filter((name) => /^bw/.test(name))).toEqual([]);
  });
});

/** Runs programs that see only their own processes and, on request, a Felix. */
function besideFelix({ host }: Bed, felix: boolean): Bed['host']['run'] {
  const start = 'cp "$(command -v sleep)" /run/calico-felix; /run/calico-felix 60 >/dev/null 2>&1 & ';
  const script = `${felix ? start : ''}"$@"`;
  const words = ['--pid', '--fork', '--mount-proc', '/bin/bash', '-c', `PATH=/usr/bin:/bin; ${script}`, 'bash'];
  return (program, args, options) => host.run('unshare', [...words, program, ...args], options);
}

describe('invalid limits', () => {
  const REFUSED: readonly { name: string; bandwidth: Conf; msg: string }[] = [
    { name: 'a rate without a burst', bandwidth: { ingressRate: RATE }, msg: 'if rate is set, burst must also be set' },
    {
      name: 'a burst without a rate',
      bandwidth: { egressBurst: 80_000 },
      msg: 'if burst is set, rate must also be set',
    },
    {
      name: 'a burst of more than 4 GB',
      bandwidth: { ...IN, ingressBurst: 2 ** 33 },
      msg: 'burst cannot be more than 4GB',
    },
  ];

  test.for(REFUSED)('are rejected before any work: $name', async ({ bandwidth, msg }, { bed }) => {
    const container = await bed.container();
    const before = [await bed.state(), await devices(bed), await bed.etcd.revision()];
    const failure = failureOf(await bed.call('ADD', container, limited(bandwidth)));
    expect(failure).toMatchObject({ code: 999, msg });
    expect(failure.details).toContain('runtimeConfig.bandwidth');
    expect([await bed.state(), await devices(bed), await bed.etcd.revision()]).toEqual(before);
  });

  test('are ignored when they are all zero or missing', async ({ bed }) => {
    for (const bandwidth of [{}, { ingressRate: 0, ingressBurst: 0, egressRate: 0, egressBurst: 0 }]) {
      const container = await bed.container();
      await bed.add(container, limited(bandwidth));
      expect(await buckets(bed, hostEnd(container))).toEqual([]);
      expect(await devices(bed)).not.toContain(ifb(container));
    }
  });
});

const hostEnd = ({ containerID }: Container) => `cali${containerID.slice(0, 11)}`;
const ifb = (container: Container) => shaperName(hostEnd(container));

async function devices(bed: Bed): Promise<readonly string[]> {
  const lines = await bed.host.must('ip', ['-br', 'link']);
  return lines.split('\n').map((line) => line.split(/[@ ]/)[0] ?? '');
}

/** The rates of a device's token buckets, in bytes per second. */
async function buckets(bed: Bed, device: string): Promise<readonly (number | undefined)[]> {
  const rows = JSON.parse(await bed.host.must('tc', ['-j', 'qdisc', 'show', 'dev', device])) as Conf[];
  return rows.filter((row) => row['kind'] === 'tbf').map((row) => (row['options'] as { rate?: number }).rate);
}
