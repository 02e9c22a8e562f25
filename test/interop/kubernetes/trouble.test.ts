import { describe, expect, test } from 'vitest';
import { failureOf } from '../../support/calls/call.ts';
import { clusterForTests, endpoints, hasKubernetes, holders } from '../../support/kubernetes/cluster-with-pods.ts';
import { forPod, podConf, podsOf, writeKubeconfig } from '../../support/kubernetes/pods.ts';
import { caliLinks, links } from '../../support/network/netns.ts';

describe.skipIf(!hasKubernetes())('pods of a real API server that rejects, is frozen or is unreachable', () => {
  const cluster = clusterForTests();
  const pod = podsOf(cluster);

  test.each([
    [{ namespace: 'prod', pod: 'nope' }, 'pods "nope" not found'],
    [{ namespace: 'nons', pod: 'nope' }, 'namespaces "nons" not found'],
    [{ namespace: 'prod', pod: 'Web_0' }, /^error with the following fields:|^error with field/],
    [{ namespace: 'prod', pod: 'x'.repeat(253) }, /name is too long/],
  ])('that are unknown are rejected, and nothing is left: %j', async (name, wanted) => {
    const { bed } = cluster;
    const container = await bed.container();
    const found = failureOf(await bed.call('ADD', container, forPod(name)));
    expect(found.code).toBe(999);
    expect(found.msg).toMatch(wanted);
    expect(await holders(cluster)).toEqual([]);
    expect(await caliLinks(bed.host)).toEqual([]);
    await bed.del(container, forPod(name));
  });

  test('are read with the permissions of the original’s role, and rejected without them', async () => {
    const { bed, kubernetes } = cluster;
    const name = await pod();
    const container = await bed.container();
    const kubeconfig = writeKubeconfig(bed, kubernetes, 'nobody-knows-it', '/run/calico-test/stale-kubeconfig');
    const found = failureOf(await bed.call('ADD', container, forPod(name, { kubernetes: { kubeconfig } })));
    expect(found).toMatchObject({ code: 999, msg: 'Unauthorized' });
    expect(found.details).toContain(kubeconfig);
    await kubernetes.ask('DELETE', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/calico-cni-plugin');
    try {
      const forbidden = failureOf(await bed.call('ADD', container, forPod(name)));
      expect(forbidden.msg).toMatch(
        /^(?:pods|namespaces) ".*" is forbidden: User "calico-cni-plugin" cannot get resource/,
      );
    } finally {
      const rbac = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'calico-cni-plugin' };
      const subjects = [{ kind: 'User', name: 'calico-cni-plugin', apiGroup: 'rbac.authorization.k8s.io' }];
      await kubernetes.create(rbac, { metadata: { name: 'calico-cni-plugin' }, roleRef, subjects });
    }
  });

  test('are deleted while the API server is frozen, and ADD names it in time', async () => {
    const { bed, kubernetes } = cluster;
    const [name, other] = [await pod(), await pod()];
    const [container, late] = [await bed.container(), await bed.container()];
    await bed.add(container, forPod(name));
    kubernetes.pause();
    try {
      await bed.del(container, forPod(name));
      const ran = await bed.call('ADD', late, forPod(other));
      expect(failureOf(ran)).toMatchObject({
        code: 11,
        msg: `Kubernetes API server ${kubernetes.url} cannot be reached`,
      });
      expect(ran.millis).toBeLessThan(12_000);
    } finally {
      kubernetes.resume();
    }
    expect(await holders(cluster)).toEqual([]);
    expect((await links(bed.host, late.netns)).map(({ ifname }) => ifname)).toEqual(['lo']);
  });

  test('are released later when etcd is frozen at DEL', async () => {
    const { bed } = cluster;
    const [name, next] = [await pod(), await pod()];
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container, forPod(name));
    bed.etcd.pause();
    try {
      await bed.del(container, forPod(name));
      expect(await caliLinks(bed.host)).toEqual([]);
    } finally {
      bed.etcd.resume();
    }
    await bed.add(other, forPod(next));
    expect(Object.keys(await endpoints(cluster))).toEqual([next.key]);
    expect(await holders(cluster)).toEqual([`k8s-pod-network.${other.containerID}`]);
    await bed.del(other, forPod(next));
  });

  test('are included in the check of `calico -t`', async () => {
    const { bed, kubernetes } = cluster;
    const container = await bed.container();
    expect(await bed.call('', container, { argv: ['-t'], conf: podConf() })).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^The datastore answers and is ready: .*\. The API server of .* answers\.\n$/),
    });
    const kubeconfig = writeKubeconfig(
      bed,
      { ...kubernetes, url: 'https://127.0.0.1:9' },
      'x',
      '/run/calico-test/nowhere',
    );
    const ran = await bed.call('', container, { argv: ['-t'], conf: podConf({ kubernetes: { kubeconfig } }) });
    expect(failureOf(ran)).toMatchObject({
      code: 100,
      details: expect.stringMatching(/^unable to connect to K8s server: /),
    });
  });
});
