import { beforeEach, expect, test } from 'vitest';
import { failureOf } from '../../support/calls/call.ts';
import type { Ran } from '../../support/host/host.ts';
import { writeKubeconfig } from '../../support/kubernetes/pods.ts';
import { kddConf, kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { defineKinds, removeKinds, resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import { endpointNotes, expectNothingHeld } from '../../support/kubernetes-datastore/held.ts';

const GROUP = 'crd.projectcalico.org';

inOneGroup('a cluster that cannot serve a pod', (bed) => {
  beforeEach(() => bed.reset());

  /** The error of an ADD that must leave nothing, and fail soon. */
  async function refused(conf = {}, changes: { readonly args?: string } = {}) {
    const name = await bed.pod();
    const container = await bed.container();
    const before = await bed.dump();
    const ran = await bed.call('ADD', container, { ...kddPod(name, conf), ...changes });
    expect(ran.millis).toBeLessThan(15_000);
    const failure = failureOf(ran);
    expect(await bed.dump()).toEqual(before);
    await expectNothingHeld(bed);
    expect(await endpointNotes(bed, name)).toEqual({});
    return failure;
  }

  test('because it is not ready', async () => {
    await bed.apply(bed.objects.clusterInformation({ datastoreReady: false }));
    const { msg } = await refused();
    expect(msg).toBe('Calico is currently not ready to process requests');
  });

  test('because it has no ClusterInformation', async () => {
    await bed.ask('DELETE', resourcePath(GROUP, 'clusterinformations', 'default'));
    const { msg } = await refused();
    expect(msg).toContain('ClusterInformation(default)');
  });

  test('because it has no such node', async () => {
    const { msg } = await refused({ nodename: 'node9' });
    expect(msg).toContain('Node(node9)');
  });

  test('because it has no pool', async () => {
    await bed.ask('DELETE', resourcePath(GROUP, 'ippools'));
    const { msg } = await refused();
    expect(msg).toContain('ippool');
  });

  test('because the network’s name cannot be part of an object’s name, reported at once', async () => {
    const { result, requests } = await bed.asked(() => refused({ name: 'my_net' }));
    expect(result.msg + result.details).toContain('my_net');
    expect(requests.filter(({ verb }) => verb !== 'get' && verb !== 'list')).toEqual([]);
  });

  test.each(['ADD', 'DEL', 'CHECK'])('because %s does not say which pod, before any work', async (verb) => {
    const container = await bed.container();
    const conf = kddConf(verb === 'CHECK' ? { prevResult: { cniVersion: '1.0.0', ips: [] } } : {});
    const { result, requests } = await bed.asked(() => bed.call(verb, container, { conf }));
    const { msg, details = '' } = failureOf(result);
    expect(msg + details).toContain('K8S_POD_NAME');
    expect(msg + details).toContain('K8S_POD_NAMESPACE');
    expect(requests).toEqual([]);
    await expectNothingHeld(bed);
  });

  test.each([{ policy: undefined }, { policy: { type: 'none' } }])(
    'because its policies are not Kubernetes’: %j',
    async (conf) => {
      const { result, requests } = await bed.asked(() => refused(conf));
      expect(result.msg + result.details).toContain('policy');
      expect(requests).toEqual([]);
    },
  );

  test('because it has no such pod', async () => {
    const nope = kddPod({ namespace: 'prod', pod: 'nope' });
    const container = await bed.container();
    expect(failureOf(await bed.call('ADD', container, nope)).msg).toContain('pods "nope" not found');
    await expectNothingHeld(bed);
    await bed.del(container, nope);
  });

  test('because the token is unknown, or the kubeconfig is missing', async () => {
    const kubeconfig = writeKubeconfig(bed, bed.kubernetes, 'stale', '/run/calico-test/stale-kubeconfig');
    const stale = await refused({ kubernetes: { kubeconfig } });
    expect(stale.msg + stale.details).toContain('Unauthorized');
    const missing = await refused({ kubernetes: { kubeconfig: '/nowhere/kubeconfig' } });
    expect(missing.msg + missing.details).toContain('/nowhere/kubeconfig');
  });

  test('because the server refuses connections or does not answer, reported by ADD in time', async () => {
    const name = await bed.pod();
    const container = await bed.container();
    const saying = (ran: Ran) => {
      expect(ran.millis).toBeLessThan(30_000);
      const { code, msg, details = '' } = failureOf(ran);
      expect(code).toBe(11);
      expect(msg + details).toContain(bed.kubernetes.url);
    };
    bed.kubernetes.pause();
    try {
      saying(await bed.call('ADD', container, kddPod(name)));
    } finally {
      bed.kubernetes.resume();
    }
    await bed.kubernetes.kill();
    try {
      saying(await bed.call('ADD', container, kddPod(name)));
    } finally {
      await bed.kubernetes.restart();
    }
    await expectNothingHeld(bed);
  });

  test('for lack of a server lets DEL succeed, and the next call releases what it held', async () => {
    const [name, next] = [await bed.pod(), await bed.pod()];
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container, kddPod(name));
    await bed.kubernetes.kill();
    try {
      await bed.del(container, kddPod(name));
    } finally {
      await bed.kubernetes.restart();
    }
    await bed.add(other, kddPod(next));
    const handles = (await bed.list('ipamhandles')).map(({ spec }) => String(spec['handleID']));
    expect(handles).toEqual([expect.stringContaining(other.containerID)]);
    expect((await endpointNotes(bed, name)).podIPs).toBe('');
    await bed.del(other, kddPod(next));
    await expectNothingHeld(bed);
  });

  test('for lack of its kinds names the missing one', async () => {
    await removeKinds(bed.ask, GROUP, 'clusterinformations', 'ippools');
    try {
      const name = await bed.pod();
      const container = await bed.container();
      const { msg, details = '' } = failureOf(await bed.call('ADD', container, kddPod(name)));
      expect(msg + details).toMatch(/ClusterInformation/i);
    } finally {
      await defineKinds(bed.ask, GROUP);
    }
  });

  test('without an IPAM configuration, or even its kind, serves with the defaults', async () => {
    await removeKinds(bed.ask, GROUP, 'ipamconfigs');
    try {
      const name = await bed.pod();
      const container = await bed.container();
      await bed.add(container, kddPod(name));
      await bed.del(container, kddPod(name));
    } finally {
      await defineKinds(bed.ask, GROUP);
    }
  });
});
