import { spawn } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { openForTests } from '../../support/bed/for-tests.ts';
import { until } from '../../support/install/watching.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';
import type { Machine } from '../../support/machines/machine.ts';
import { type Machines, openMachines } from '../../support/machines/machines.ts';
import type { StoreName } from '../../support/machines/store.ts';

const stores = (['etcd', 'kubernetes'] as const).filter((name) => name === 'etcd' || hasKubernetes());
const ALL_ANSWERED = { sent: 5, lost: 0, longestGap: 0, refused: {} };
/** Of a cable of 1500, what VXLAN leaves. */
const FULL = { size: 1450 };

/** Starts `calicoctl node run` in the background. */
function run(machine: Machine) {
  const [program = '', ...words] = machine.enter();
  const line = [...words, `${tools().bin}/calicoctl`, 'node', 'run', `--name=${machine.name}`];
  const env = { ...machine.env, CALICO_NETWORKING_BACKEND: 'vxlan' };
  const child = spawn(program, line, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => {
      said += String(part);
    });
  }
  return { machine, said: () => said, kill: () => void child.kill('SIGKILL') };
}

type Running = ReturnType<typeof run>;

const untilReady = ({ machine, said }: Running) =>
  until(
    async () => (await machine.calicoctl('node run --ready')).exit === 0,
    () => `${machine.name} is ready: ${said()}`,
  );

/** Three machines with VXLAN and a process each. */
async function open(store: StoreName) {
  const machines = await openMachines({ store });
  await inMode(machines, 'Always');
  const running = machines.all.map(run);
  const end = async () => {
    for (const each of running) each.kill();
    await machines.close();
  };
  try {
    await Promise.all(running.map(untilReady));
    const pods = await Promise.all(machines.all.map((machine) => machine.pod()));
    return { machines, running, pods, close: end };
  } catch (error) {
    await end();
    throw error;
  }
}

const inMode = (machines: Machines, vxlanMode: string) =>
  machines.machine('node1').said(`patch ippool default-ipv4-ippool -p ${JSON.stringify({ spec: { vxlanMode } })}`);

const routesOf = ({ host }: Machine) => host.must('ip', ['route']);

describe.each(stores)('VXLAN on three machines that share %s', (store: StoreName) => {
  const bed = openForTests(() => open(store));

  /** Every pod to every other, as soon as their blocks are known everywhere. */
  async function expectAllReached() {
    const pairs = bed.pods.flatMap((from) => bed.pods.filter((to) => to !== from).map((to) => [from, to] as const));
    for (const [from, to] of pairs) {
      await until(
        async () => (await from.count(to.address, { count: 1 })).lost === 0,
        () => `${from.machine.name} reaches ${to.address}: ${bed.running.map(({ said }) => said()).join('\n')}`,
      );
      expect(await from.count(to.address, FULL)).toEqual(ALL_ANSWERED);
    }
  }

  test('pods reach each other through the tunnel with full-size packets, and hosts outside', async () => {
    await expectAllReached();
    expect(await routesOf(bed.machines.machine('node1'))).toContain('dev vxlan.calico proto 80 onlink');
    for (const pod of bed.pods) expect(await pod.count(bed.machines.outside.address)).toEqual(ALL_ANSWERED);
  });

  test('each Node has a tunnel address of its own, which IPAM knows', async () => {
    const nodes = JSON.parse(await bed.machines.machine('node1').said('get nodes -o json')).items;
    const tunnels = nodes.map((node: { spec: { ipv4VXLANTunnelAddr: string } }) => node.spec.ipv4VXLANTunnelAddr);
    expect(new Set(tunnels).size).toBe(3);
    for (const [at, { host }] of bed.machines.all.entries()) {
      expect(await host.must('ip', ['-4', '-br', 'addr', 'show', 'vxlan.calico'])).toContain(`${tunnels[at]}/32`);
    }
    expect(await bed.machines.machine('node1').said('ipam check')).toContain('0 problems');
  });

  test('CrossSubnet leaves the tunnel to machines of another subnet', async () => {
    await inMode(bed.machines, 'CrossSubnet');
    const [one, two] = [bed.machines.machine('node1'), bed.machines.machine('node2')];
    await until(
      async () => (await routesOf(one)).includes(`via ${two.address} dev eth0 proto 80`),
      () => 'node2 is reached without a tunnel',
    );
    expect(await routesOf(one)).toContain('dev vxlan.calico proto 80 onlink');
    await expectAllReached();
  });

  test('processes are killed and started again, and the datastore is away: no packet is lost', async () => {
    const [from, , to] = bed.pods;
    const ping = from?.ping(to?.address ?? '', { ...FULL, every: 20 });
    await ping?.answered;
    for (const each of bed.running) {
      each.kill();
      const next = run(each.machine);
      onTestFinished(next.kill);
      await untilReady(next);
    }
    await bed.machines.store.leave('refused');
    await bed.machines.machine('node1').host.must('sleep', ['3']);
    await bed.machines.store.comeBack();
    expect(await ping?.stop()).toMatchObject({ lost: 0, refused: {} });
    await expectAllReached();
  });

  test('a machine that comes, gets another address, and goes, is followed by the others', async () => {
    const [one] = bed.machines.all;
    const [pod] = bed.pods;
    const added = await bed.machines.add('node4', 2);
    const running = run(added);
    onTestFinished(running.kill);
    await untilReady(running);
    const its = await added.pod();
    const untilReached = () =>
      until(
        async () => (await pod?.count(its.address, { ...FULL, count: 1 }))?.lost === 0,
        () => `${its.address} is reached: ${running.said()}`,
      );
    await untilReached();
    const spec = { bgp: { ipv4Address: '172.16.2.77/24' } };
    await added.host.must('ip', ['addr', 'add', '172.16.2.77/24', 'dev', 'eth0']);
    await added.said(`patch node node4 -p ${JSON.stringify({ spec })}`);
    const entries = () => one?.host.must('bridge', ['fdb', 'show', 'dev', 'vxlan.calico']);
    await until(
      async () => (await entries())?.includes('dst 172.16.2.77') === true,
      () => 'the new address is known',
    );
    await untilReached();
    expect(await pod?.count(its.address, FULL)).toEqual(ALL_ANSWERED);
    running.kill();
    await its.remove();
    await bed.machines.remove('node4');
    await bed.machines.store.removeNode('node4');
    await one?.said('delete node node4 --yes');
    await until(
      async () => (await entries())?.includes('172.16.2.77') === false,
      () => 'the machine is forgotten',
    );
  });

  test('a clean stop takes everything away', async () => {
    await expectAllReached();
    for (const machine of bed.machines.all) {
      await machine.said('node stop --clean');
      expect(await routesOf(machine)).not.toContain('proto 80');
      expect(await machine.host.must('ip', ['link'])).not.toContain('vxlan.calico');
    }
  });
});
