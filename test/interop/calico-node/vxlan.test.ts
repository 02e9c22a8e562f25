import { describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { openForTests } from '../../support/bed/for-tests.ts';
import { until } from '../../support/kubernetes-datastore/custom-resources.ts';
import { OURS, openBesideFelix, storeModes } from '../../support/machines/beside-felix.ts';
import { startCalicoNode } from '../../support/machines/calico-node.ts';
import type { Machine, Pod } from '../../support/machines/machine.ts';
import { stores } from '../../support/machines/matrix.ts';
import { type NodeRun, startNode } from '../../support/machines/node-run.ts';
import { lostBetween, lostDuring, untilAllReach } from '../../support/machines/routed.ts';
import { routes } from '../../support/network/netns.ts';

/** VXLAN takes 50 bytes of a packet for IPv4, 70 for IPv6. */
const MTU = 1500 - 70;

const isAvailable = () => tools().original !== undefined;

describe.skipIf(!isAvailable()).each(stores())('Felix on node1, calicoctl node run on two, with %s', (store) => {
  const bed = openForTests(() => openBesideFelix(store), 180_000);
  const machine = (name: string) => bed.machines.machine(name);

  async function expectAllReached(pods: readonly Pod[] = bed.pods) {
    await untilAllReach(pods);
    expect(await lostBetween(pods, { size: MTU })).toEqual({});
  }

  test('pods reach each other with full-size packets, in both families, and a host outside', async () => {
    await expectAllReached();
    for (const pod of bed.pods) expect(await pod.count(bed.machines.outside.address)).toMatchObject({ lost: 0 });
  });

  test.each(['vxlan.calico', 'vxlan-v6.calico'])('%s is the same device on all', async (device) => {
    const [felix, ...ours] = await Promise.all(bed.machines.all.map(({ host }) => deviceOf(host, device)));
    expect(felix).toMatchObject({ operstate: 'UNKNOWN', linkinfo: { info_kind: 'vxlan' } });
    for (const each of ours) expect(each).toEqual(felix);
  });

  test('both calicoctls say that the addresses are in order', async () => {
    expect(await machine('node1').said('ipam check')).toContain('0 problems');
    const said = await bed.felix.said('calicoctl', 'ipam check --allow-version-mismatch');
    expect(said).toContain('no corresponding IPAM allocation');
    for (const line of [/^Found 0 .* no corresponding/m, /^Found 0 handles with no/m, /^Found 0 handles mentioned/m])
      expect(said).toMatch(line);
  });

  test('with CrossSubnet they use the tunnel between subnets only', async () => {
    await storeModes(machine('node1'), 'CrossSubnet');
    const straight = async (from: string, to: string) =>
      (await routes(machine(from).host)).filter(({ gateway }) => gateway === machine(to).address).length;
    await until(async () => (await straight('node1', 'node2')) === 1, 'Felix to route straight to node2');
    await until(async () => (await straight('node2', 'node1')) === 1, 'node2 to route straight to Felix');
    expect(await straight('node1', 'node3')).toBe(0);
    await expectAllReached();
    await storeModes(machine('node1'), 'Always');
    await until(async () => (await straight('node2', 'node1')) === 0, 'node2 to use the tunnel again');
    await expectAllReached();
  });

  test('borrowed addresses are reached: of Felix’s block on ours, of ours on Felix’s', async () => {
    const [one, two] = bed.pods.map(({ address }) => address.replace(/\d+$/, (last) => `${Number(last) + 3}`));
    const borrowed = [await machine('node2').pod({}, `IP=${one}`), await machine('node1').pod({}, `IP=${two}`)];
    expect(borrowed.map(({ address }) => address)).toEqual([one, two]);
    await expectAllReached([...bed.pods, ...borrowed]);
    for (const each of borrowed) await each.remove();
  });

  test('nothing is lost while Felix, and then ours, is killed and started again', async () => {
    const lost = await lostDuring(bed.pods, async () => {
      await bed.felix.kill();
      await bed.felix.start();
      await bed.runs[1].kill();
      await (await startNode(machine('node3'), OURS)).ready();
    });
    expect(lost).toEqual({});
  });

  test('calicoctl node run is refused beside Felix, names it and changes nothing', async () => {
    const before = await allOf(machine('node1'));
    const run = await startNode(machine('node1'), OURS);
    expect(await run.ended).toBe(1);
    expect(run.output()).toMatch(/Felix runs on this machine \(pid \d+: .*calico-node -felix\)/);
    expect(await allOf(machine('node1'))).toEqual(before);
  });

  test('nodes of both kinds come and go, and the others lose nothing', async () => {
    const lost = await lostDuring(bed.pods, async () => {
      const [ours, theirs] = [await bed.machines.add('node4', 2), await bed.machines.add('node5', 2)];
      await (await startNode(ours, OURS)).ready();
      await startCalicoNode(theirs);
      await untilAllReach([...bed.pods, await ours.pod(), await theirs.pod()]);
      for (const { name } of [ours, theirs]) {
        await bed.machines.remove(name);
        await bed.machines.store.removeNode(name);
        await machine('node1').said(`delete node ${name} --yes`);
      }
      for (const { host, name } of bed.machines.all) {
        const entries = async () =>
          (await host.must('bridge', ['fdb', 'show', 'dev', 'vxlan.calico'])).trim().split('\n');
        await until(async () => (await entries()).length === 2, `${name} to forget both`);
      }
    });
    expect(lost).toEqual({});
  });

  test('a machine changes from Felix to ours without a loss, and back', async () => {
    await expectAllReached();
    await bed.felix.kill();
    let run: NodeRun | undefined;
    const lost = await lostDuring(bed.pods, async () => {
      run = await startNode(machine('node1'), OURS);
      await until(async () => (await felixRoutes(machine('node1'))).length === 0, 'ours to take over the routes');
    });
    expect(lost).toEqual({});
    await run?.kill();
    await bed.felix.start();
    await until(async () => (await felixRoutes(machine('node1'))).length === 4, 'Felix to take them back');
    await expectAllReached();
  });

  test('for good: the rules that Felix has left cut new pods off, until they are removed as it says', async () => {
    const one = machine('node1');
    await bed.felix.kill();
    const run = await startNode(one, OURS);
    const pod = await one.pod();
    const [other] = bed.pods.slice(1);
    await until(async () => run.output().includes('left its rules in iptables and ip6tables'), 'the rules to be told');
    expect(await pod.count(other?.address ?? '')).toMatchObject({ lost: 5 });
    await bed.felix.shell(/Remove them: (.*)/.exec(run.output())?.[1] ?? '');
    await run.ready();
    await expectAllReached([...bed.pods, pod]);
  });
});

/** What a device is, without what differs from machine to machine. */
async function deviceOf(host: Machine['host'], name: string): Promise<unknown> {
  const [found] = JSON.parse(await host.must('ip', ['-d', '-j', 'link', 'show', name]));
  const { ifindex: _, address: __, linkinfo, ...rest } = found;
  const { local: ___, local6: ____, ...info } = linkinfo.info_data;
  return { ...rest, linkinfo: { ...linkinfo, info_data: info } };
}

/** Everything that `node run` could change. */
const allOf = ({ host }: Machine): Promise<string> =>
  host.must('sh', [
    '-c',
    'ip route; ip -6 route; ip rule; ip -o link; bridge fdb; sysctl -a 2>/dev/null | grep forwarding; ls -lR --time-style=full-iso /etc/calico /var/lib/calico',
  ]);

/** Routes into tunnels that Felix has made, without a mark of its own. */
const felixRoutes = async ({ host }: Machine) =>
  (await routes(host)).filter(
    ({ dev, protocol, gateway }) => dev?.startsWith('vxlan') && gateway !== undefined && protocol !== '80',
  );
