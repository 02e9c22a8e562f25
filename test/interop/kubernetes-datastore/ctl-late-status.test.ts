import { beforeEach, describe, expect, test } from 'vitest';
import { addressesOf } from '../../support/calls/call.ts';
import type { PodName } from '../../support/kubernetes/pods.ts';
import { kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { kubernetesCalicoctl } from '../../support/kubernetes-datastore/calicoctl.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { reaches } from '../../support/network/reach.ts';

const LATE = 'Note: Pods whose kubelet reports other addresses than the plugin gave them';

inOneGroup('a check while a kubelet still reports the address of an earlier sandbox', (bed) => {
  beforeEach(() => bed.reset());

  async function added(name: PodName) {
    const container = await bed.container();
    const [address = ''] = addressesOf(await bed.add(container, kddPod(name)));
    return { container, address };
  }

  const report = async ({ namespace, pod }: PodName, status: object) => {
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/status`;
    expect((await bed.ask('PATCH', path, { status })).status).toBe(200);
  };
  const running = (address: string) => ({
    phase: 'Running',
    podIP: address,
    podIPs: [{ $patch: 'replace' }, { ip: address }],
  });

  /** What a check and a repair on the node say, with addresses of any age. */
  const told = async () => {
    const { stdout } = await kubernetesCalicoctl(bed, 'ipam check --grace=0 --on-node=node1');
    const [, ...findings] = stdout.trim().split('\n\n');
    const repaired = await kubernetesCalicoctl(bed, 'ipam repair --yes --grace=0');
    expect(repaired).toMatchObject({ exit: 0, stdout: 'Nothing to repair.\n' });
    return findings.join('\n');
  };
  const endpoint = ({ pod }: PodName) => `prod/node1-k8s-${pod.replaceAll('-', '--')}-eth0`;

  /** A pod with a second sandbox; the kubelet reports the address of the first. */
  async function restarted() {
    const name = await bed.pod();
    const old = await added(name);
    await report(name, running(old.address));
    return { name, old, fresh: await added(name) };
  }

  test('says so, and leaves both addresses alone', async () => {
    const { name, old, fresh } = await restarted();
    const said = await told();
    expect(said).toContain(
      `${LATE}: 2\n  ${old.address}: handle k8s-pod-network.${old.container.containerID}, pod prod/${name.pod}, on node1; ` +
        `only the kubelet reports it, for endpoint ${endpoint(name)}\n` +
        `  ${endpoint(name)}: the kubelet reports ${old.address}, the plugin has given it ${fresh.address}\n`,
    );
    expect(said).toMatch(/found 0 problems\.$/);
    expect(await reaches(bed.host, fresh.address)).toBe(true);
  });

  test('does not take the old address for one in use, nor for one used twice', async () => {
    const { name, old, fresh } = await restarted();
    await bed.del(old.container, kddPod(name));
    const note = `${LATE}: 1\n  ${endpoint(name)}: the kubelet reports ${old.address}, the plugin has given it ${fresh.address}\n`;
    expect(await told()).toContain(note);
    const asked = { annotations: { 'cni.projectcalico.org/ipAddrs': JSON.stringify([old.address]) } };
    const other = await added(await bed.pod(asked));
    expect(other.address).toBe(old.address);
    const said = await told();
    expect(said).toContain(note);
    expect(said).toMatch(/found 0 problems\.$/);
    await report(name, running(fresh.address));
    expect(await told()).toBe('Check complete; found 0 problems.');
  });

  test('finds nothing wrong with a pod between two sandboxes, nor with one that has ended', async () => {
    const name = await bed.pod();
    const { container, address } = await added(name);
    await report(name, running(address));
    await bed.del(container, kddPod(name));
    expect(await told()).toContain(
      `${LATE}: 1\n  ${endpoint(name)}: the kubelet reports ${address}, the plugin has taken its addresses back\n`,
    );
    await report(name, { phase: 'Succeeded' });
    expect(await told()).toBe('Check complete; found 0 problems.');
  });

  describe('finds', () => {
    test('the old address once the kubelet no longer reports it, and repair releases it', async () => {
      const { name, old, fresh } = await restarted();
      await report(name, running(fresh.address));
      const { stdout } = await kubernetesCalicoctl(bed, 'ipam check --grace=0');
      expect(stdout).toContain(`Leaked addresses: allocated, but not in use: 1\n  ${old.address}: `);
      expect(await kubernetesCalicoctl(bed, 'ipam repair --yes --grace=0')).toMatchObject({ exit: 0 });
      expect(await told()).toBe('Check complete; found 0 problems.');
    });
  });
});
