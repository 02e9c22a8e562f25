import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { CallChanges } from '../../support/calls/containers.ts';
import { JOURNAL } from '../../support/journal/hostile-entries.ts';
import { type PodName, writeKubeconfig } from '../../support/kubernetes/pods.ts';
import { KUBECONFIG, kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { expectNothingHeld, heldOn, journalledOn } from '../../support/kubernetes-datastore/held.ts';
import { CLUSTER_GUID } from '../../support/stored/cluster.ts';

const OTHER = '/run/calico-test/other-kubeconfig';
const OTHER_GUID = 'fedcba9876543210fedcba9876543210';

inOneGroup('two API servers of one cluster', (bed) => {
  let byRoot: (name: PodName) => CallChanges;
  beforeAll(async () => {
    const other = await bed.kubernetes.another();
    writeKubeconfig(bed, other, undefined, OTHER);
    byRoot = (name) => ({
      ...kddPod(name, { kubernetes: { kubeconfig: KUBECONFIG, k8s_api_root: other.url } }),
      env: { K8S_CA_FILE: other.ca },
    });
  });
  beforeEach(() => bed.reset());

  const byKubeconfig = (name: PodName) => kddPod(name, { kubernetes: { kubeconfig: OTHER } });
  const WAYS = [
    ['another kubeconfig', byKubeconfig],
    ['k8s_api_root', (name: PodName) => byRoot(name)],
  ] as const;

  test.each(WAYS)('what was added through one is checked and deleted through the other: %s', async (_, through) => {
    const name = await bed.pod();
    const container = await bed.container();
    const prevResult = await bed.add(container, kddPod(name));
    const { requests } = await bed.asked(async () => {
      const { conf, ...same } = through(name);
      const checked = { ...same, conf: { ...(conf as object), prevResult } };
      expect(await bed.call('CHECK', container, checked)).toMatchObject({ exit: 0 });
      await bed.del(container, through(name));
    });
    // Of the first server.
    expect(requests).toEqual([]);
    await expectNothingHeld(bed);
  });

  test('neither gives an address again that was assigned through the other', async () => {
    const [one, two] = [await bed.pod(), await bed.pod()];
    const [first, second] = [await bed.container(), await bed.container()];
    await Promise.all([bed.add(first, kddPod(one)), bed.add(second, byKubeconfig(two))]);
    expect((await heldOn(bed)).addresses).toHaveLength(2);
    expect(await bed.faults()).toEqual([]);
    await Promise.all([bed.del(first, byKubeconfig(one)), bed.del(second, kddPod(two))]);
    await expectNothingHeld(bed);
  });

  /** A container whose DEL found no server: its release waits. */
  async function journalled() {
    const name = await bed.pod();
    const container = await bed.container();
    await bed.add(container, kddPod(name));
    await bed.kubernetes.kill();
    await bed.del(container, kddPod(name));
    expect(journalledOn(bed)).toEqual([container.containerID]);
    return container;
  }

  test('a release that one could not take is done through the other: the entry names the cluster, not the server', async () => {
    try {
      await journalled();
      const [entry = ''] = readdirSync(bed.host.file(JOURNAL));
      const text = readFileSync(bed.host.file(`${JOURNAL}/${entry}`), 'utf8');
      expect(text).toContain(CLUSTER_GUID);
      expect(text).not.toContain('127.0.0.1');
      await bed.del(await bed.container(), byKubeconfig({ namespace: 'prod', pod: 'none' }));
      expect(journalledOn(bed)).toEqual([]);
    } finally {
      await bed.kubernetes.restart();
    }
    await expectNothingHeld(bed);
  });

  test('a release is not done in a cluster of another GUID, although the server is the same', async () => {
    try {
      await journalled();
    } finally {
      await bed.kubernetes.restart();
    }
    const other = await bed.container();
    const none = { namespace: 'prod', pod: 'none' };
    await bed.apply(bed.objects.clusterInformation({ clusterGUID: OTHER_GUID }));
    await bed.del(other, kddPod(none));
    expect(journalledOn(bed)).toHaveLength(1);
    expect((await heldOn(bed)).addresses).toHaveLength(1);
    await bed.apply(bed.objects.clusterInformation());
    await bed.del(other, kddPod(none));
    expect(journalledOn(bed)).toEqual([]);
    await expectNothingHeld(bed);
  });
});
