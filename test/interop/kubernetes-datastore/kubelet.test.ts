import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Sandboxes, startSandboxes } from '../../support/containerd/sandboxes.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';
import type { PodName } from '../../support/kubernetes/pods.ts';
import { kddConf, NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { bedForTests } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { until } from '../../support/kubernetes-datastore/custom-resources.ts';
import { endpointNotes, expectNothingHeld, heldOn } from '../../support/kubernetes-datastore/held.ts';
import { hasKubelet, type Kubelet, startKubelet } from '../../support/kubernetes-datastore/kubelet.ts';
import { caliLinks, routes } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { fetched } from '../../support/network/web.ts';

const { cniVersion: _, name: __, ...OURS } = kddConf({ bandwidth_by: 'plugin', capabilities: { bandwidth: true } });
const LIST = [OURS, { type: 'portmap', capabilities: { portMappings: true } }];
const IMAGE = { name: 'main', image: 'localhost/pause:1', imagePullPolicy: 'Never' };
const SERVER = { ...IMAGE, command: ['/bin/httpd', '-f', '-p', '80', '-h', '/www'] };

const hasParts = () => hasKubernetes() && hasKubelet() && tools().containerd !== undefined;

describe.skipIf(!hasParts())('pods that a real kubelet runs', { timeout: 60_000 }, () => {
  const bed = bedForTests();
  let runtime: Sandboxes;
  let kubelet: Kubelet;
  beforeAll(async () => {
    runtime = await startSandboxes(bed.host, LIST);
    kubelet = await startKubelet(bed.host, bed.kubernetes, runtime.socket);
  });
  afterAll(async () => {
    await kubelet?.stop();
    await runtime?.stop();
  });

  /** A new pod once its container runs, with its address. */
  async function started(annotations: object = {}, container: object = IMAGE) {
    const name = await bed.pod({ annotations }, { containers: [container], terminationGracePeriodSeconds: 1 });
    await until(async () => (await statusOf(name)).phase === 'Running', `${name.pod} to run`);
    const { podIP: address = '' } = await statusOf(name);
    return { name, address };
  }

  async function statusOf(name: PodName) {
    const status = (await bed.podObject(name))?.['status'];
    return status as { readonly phase?: string; readonly podIP?: string };
  }

  /** Deletes pods as a user does, waits until kubelet has let them go, and looks for what they left. */
  async function deleted(...names: readonly PodName[]): Promise<void> {
    for (const { namespace, pod } of names) await bed.ask('DELETE', `/api/v1/namespaces/${namespace}/pods/${pod}`);
    for (const name of names) {
      await until(async () => (await bed.podObject(name)) === undefined, `${name.pod} to be gone`);
    }
    await expectNothingHeld(bed);
    const left = (await routes(bed.host)).filter(({ dst, dev = '' }) => dev.startsWith('cali') && dst !== 'fe80::/64');
    expect(left).toEqual([]);
    expect(await bed.host.must('ip', ['-br', 'link'])).not.toContain('bwcali');
  }

  test('reach each other', async () => {
    const [one, other] = [await started(), await started({}, SERVER)];
    expect(await reaches(bed.host, one.address)).toBe(true);
    expect(await fetched(bed.host, `http://${other.address}/`)).toBe('hello from containerd');
    const [id] = await runtime.running(one.name);
    const notes = { containerID: id, podIP: `${one.address}/32`, podIPs: `${one.address}/32` };
    expect(await endpointNotes(bed, one.name)).toEqual(notes);
    expect((await heldOn(bed)).addresses).toEqual([one.address, other.address].toSorted());
    await deleted(one.name, other.name);
  });

  test('have the address that their annotation names', async () => {
    const { name, address } = await started({ 'cni.projectcalico.org/ipAddrs': '["192.168.7.7"]' });
    expect(address).toBe('192.168.7.7');
    expect(await reaches(bed.host, address)).toBe(true);
    await deleted(name);
  });

  test('have the limits of their annotations', async () => {
    const limits = { 'kubernetes.io/ingress-bandwidth': '10M', 'kubernetes.io/egress-bandwidth': '5M' };
    const { name, address } = await started(limits);
    expect(await reaches(bed.host, address)).toBe(true);
    const [link] = await caliLinks(bed.host);
    expect(await bed.host.must('tc', ['qdisc', 'show', 'dev', `${link}`])).toMatch(/tbf .*rate 10Mbit/);
    expect(await bed.host.must('tc', ['qdisc', 'show'])).toMatch(/tbf .*dev bwcali\S+ .*rate 5Mbit/);
    await deleted(name);
  });

  test('serve at a port of the node', async () => {
    const { name } = await started({}, { ...SERVER, ports: [{ containerPort: 80, hostPort: 8080 }] });
    expect(await fetched(bed.host, 'http://10.0.0.1:8080/')).toBe('hello from containerd');
    await deleted(name);
    expect(await fetched(bed.host, 'http://10.0.0.1:8080/')).toBe('');
  });

  test('keep working in a second sandbox after the first has died', async () => {
    const { name } = await started();
    const [old = ''] = await runtime.running(name);
    await runtime.halt(old);
    await until(async () => (await runtime.running(name)).some((id) => id !== old), 'a second sandbox');
    const [fresh = ''] = await runtime.running(name);
    await until(async () => (await endpointNotes(bed, name)).containerID === fresh, 'the new endpoint');
    const { addresses, handles } = await heldOn(bed);
    expect(handles).toEqual([`${NETWORK}.${fresh}`]);
    expect(await reaches(bed.host, `${addresses[0]}`)).toBe(true);
    await deleted(name);
  });
});
