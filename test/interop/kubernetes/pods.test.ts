import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Container } from '../../support/bed/bed.ts';
import { addressesOf, failureOf, resultOf, silentSuccess } from '../../support/calls/call.ts';
import {
  clusterForTests,
  endpointOf,
  endpoints,
  hasKubernetes,
  holders,
} from '../../support/kubernetes/cluster-with-pods.ts';
import { createPod, forPod, type PodName, podArgs, podConf, podsOf } from '../../support/kubernetes/pods.ts';
import { caliLinks, routes } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';

describe.skipIf(!hasKubernetes())('pods of a real API server', () => {
  const cluster = clusterForTests();
  const pod = podsOf(cluster);

  test('get an endpoint as the original writes it', async () => {
    const { bed, kubernetes } = cluster;
    const name = { namespace: 'prod', pod: 'shop-0' };
    const ports = [
      { name: 'http', containerPort: 80 },
      { containerPort: 8080 },
      { containerPort: 53, hostPort: 5353, hostIP: '127.0.0.1', protocol: 'UDP' },
    ];
    const annotations = { 'kubernetes.io/ingress-bandwidth': '10M', 'qos.projectcalico.org/egressPacketRate': '1k' };
    const labels = { tier: 'fe', app: 'shop' };
    const spec = { serviceAccountName: 'shopsa', containers: [{ name: 'main', image: 'none', ports }] };
    await createPod(kubernetes, name, { generateName: 'shop-', labels, annotations }, spec);
    const container = await bed.container();
    const result = await bed.add(container, forPod(name));
    const text = (await endpoints(cluster))['prod/node1-k8s-shop--0-eth0'] ?? '';
    const [address] = addressesOf(result);
    expect(text.replace(/"uid":"[0-9a-f-]{36}"/, '"uid":"U"').replace(/\d{4}-\d\d-\d\dT[\d:]{8}Z/, 'T')).toBe(
      '{"kind":"WorkloadEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"node1-k8s-shop--0-eth0","generateName":"shop-","namespace":"prod","uid":"U","creationTimestamp":"T",' +
        '"labels":{"app":"shop","projectcalico.org/namespace":"prod","projectcalico.org/orchestrator":"k8s","projectcalico.org/serviceaccount":"shopsa","tier":"fe"}},' +
        `"spec":{"orchestrator":"k8s","node":"node1","containerID":"${container.containerID}","pod":"shop-0","endpoint":"eth0","serviceAccountName":"shopsa","ipNetworks":["${address}/32"],` +
        `"profiles":["kns.prod","ksa.prod.shopsa"],"interfaceName":"${result.interfaces?.[0]?.name}","mac":"${result.interfaces?.[1]?.mac}",` +
        '"ports":[{"name":"http","protocol":"TCP","port":80,"hostPort":0,"hostIP":""},{"name":"","protocol":"UDP","port":53,"hostPort":5353,"hostIP":"127.0.0.1"}],' +
        '"qosControls":{"egressPacketRate":1000,"egressPacketBurst":5}}}',
    );
    expect(Object.keys(await bed.etcd.dump('/calico/resources/v3/projectcalico.org/profiles/'))).toEqual([]);
    silentSuccess(await bed.call('CHECK', container, { ...forPod(name, { prevResult: result }) }));
    await bed.del(container, forPod(name));
  });

  test('have the host end name that the original would use', async () => {
    const { bed, kubernetes } = cluster;
    const name = { namespace: 'prod', pod: 'web-0' };
    await createPod(kubernetes, name);
    const container = await bed.container();
    const first = await bed.add(container, forPod(name));
    expect(first.interfaces?.[0]?.name).toBe('caliaa960f0d82e');
    await bed.del(container, forPod(name));
    const env = { FELIX_INTERFACEPREFIX: 'fbx,cali' };
    const second = await bed.add(container, { ...forPod(name), env });
    expect(second.interfaces?.[0]?.name).toBe('fbxaa960f0d82e');
    await bed.del(container, { ...forPod(name), env });
    expect(await caliLinks(bed.host)).toEqual([]);
  });

  test('keep their address when ADD is repeated for their container', async () => {
    const { bed } = cluster;
    const name = await pod();
    const container = await bed.container();
    const first = await bed.add(container, forPod(name));
    const again = await bed.add(container, forPod(name));
    expect(first.routes).toHaveLength(1);
    expect(again).toEqual(first);
    expect(await reaches(bed.host, addressesOf(first)[0] ?? '')).toBe(true);
    await bed.del(container, forPod(name));
  });

  test('keep their endpoint in a new sandbox, and the old one’s late DEL leaves it alone', async () => {
    const { bed } = cluster;
    const name = await pod();
    const [old, fresh] = [await bed.container(), await bed.container()];
    const before = await bed.add(old, forPod(name));
    const uid = (await endpointOf(cluster, name.key))?.metadata.uid;
    const after = await bed.add(fresh, forPod(name));
    expect(addressesOf(after)).not.toEqual(addressesOf(before));
    expect(after.interfaces?.[0]?.name).toBe(before.interfaces?.[0]?.name);
    expect(await endpointOf(cluster, name.key)).toMatchObject({
      metadata: { uid },
      spec: { containerID: fresh.containerID },
    });
    await bed.del(old, forPod(name));
    expect(await endpointOf(cluster, name.key)).toMatchObject({ spec: { containerID: fresh.containerID } });
    expect(await reaches(bed.host, addressesOf(after)[0] ?? '')).toBe(true);
    expect(await holders(cluster)).toEqual([`k8s-pod-network.${fresh.containerID}`]);
    await bed.del(fresh, forPod(name));
    expect(await endpointOf(cluster, name.key)).toBeUndefined();
    expect(await holders(cluster)).toEqual([]);
  });

  test('whose netns is lost are deleted by their host end, but a newer sandbox’s is not', async () => {
    const { bed } = cluster;
    const name = await pod();
    const [old, fresh] = [await bed.container(), await bed.container()];
    await bed.add(old, forPod(name));
    await bed.add(fresh, forPod(name));
    silentSuccess(await bed.call('DEL', old, { ...forPod(name), netns: '' }));
    expect(await caliLinks(bed.host)).toHaveLength(1);
    silentSuccess(await bed.call('DEL', fresh, { ...forPod(name), netns: '' }));
    expect(await caliLinks(bed.host)).toEqual([]);
    expect(await holders(cluster)).toEqual([]);
  });

  test('whose names share a prefix are kept apart', async () => {
    const { bed, kubernetes } = cluster;
    const names = ['db-1', 'db-10', 'db', 'db-1-eth0', 'db.1'].map((each) => ({ namespace: 'prod', pod: each }));
    const containers = [];
    for (const name of names) {
      await createPod(kubernetes, name);
      const container = await bed.container();
      await bed.add(container, forPod(name));
      containers.push(container);
    }
    expect(Object.keys(await endpoints(cluster))).toHaveLength(names.length);
    for (const [at, name] of names.entries()) {
      const container = containers[at];
      if (container !== undefined) await bed.del(container, forPod(name));
      expect(Object.keys(await endpoints(cluster))).toHaveLength(names.length - at - 1);
    }
    expect(await holders(cluster)).toEqual([]);
  });

  test('that no longer exist, or whose namespace does not, can be deleted', async () => {
    const { bed, kubernetes } = cluster;
    const name = await pod();
    const container = await bed.container();
    await bed.add(container, forPod(name));
    await kubernetes.ask('DELETE', `/api/v1/namespaces/prod/pods/${name.pod}?gracePeriodSeconds=0`);
    await bed.del(container, forPod(name));
    expect(await endpointOf(cluster, name.key)).toBeUndefined();
  });

  test('without policy.type share the network’s profile and publish nothing of themselves', async () => {
    const { bed } = cluster;
    const name = await pod({ labels: { app: 'x' }, annotations: { 'cni.projectcalico.org/ipAddrs': '["1.2.3.4"]' } });
    const container = await bed.container();
    await bed.add(container, forPod(name, { policy: undefined }));
    const endpoint = await endpointOf(cluster, name.key);
    expect(endpoint?.metadata.labels).toEqual({
      'projectcalico.org/namespace': 'prod',
      'projectcalico.org/orchestrator': 'k8s',
    });
    expect(endpoint?.spec.profiles).toEqual(['k8s-pod-network']);
    const profiles = await bed.etcd.dump('/calico/resources/v3/projectcalico.org/profiles/');
    expect(Object.values(profiles).join()).toContain('"ingress":[{"action":"Allow"}]');
    await bed.del(container, forPod(name, { policy: undefined }));
    await bed.etcd.del(...Object.keys(profiles));
  });

  test('are deleted by GC when the runtime no longer lists them', async () => {
    const { bed } = cluster;
    const [kept, lost] = [await pod(), await pod()];
    const [keptContainer, lostContainer] = [await bed.container(), await bed.container()];
    await bed.add(keptContainer, forPod(kept));
    await bed.add(lostContainer, forPod(lost));
    const valid = [{ containerID: keptContainer.containerID, ifname: 'eth0' }];
    const conf = podConf({ cniVersion: '1.1.0', 'cni.dev/valid-attachments': valid });
    silentSuccess(await bed.call('GC', keptContainer, { conf, containerID: '', netns: '', ifname: '' }));
    expect(Object.keys(await endpoints(cluster))).toEqual([kept.key]);
    expect(await caliLinks(bed.host)).toHaveLength(1);
    expect(await holders(cluster)).toEqual([`k8s-pod-network.${keptContainer.containerID}`]);
    await bed.del(keptContainer, forPod(kept));
  });

  test('are added concurrently, each with its own address', async () => {
    const { bed } = cluster;
    const names = await Promise.all(Array.from({ length: 12 }, () => pod()));
    const pairs: { name: PodName; container: Container }[] = [];
    for (const name of names) pairs.push({ name, container: await bed.container() });
    const results = await Promise.all(pairs.map(({ name, container }) => bed.add(container, forPod(name))));
    expect(new Set(results.flatMap(addressesOf)).size).toBe(12);
    await Promise.all(pairs.map(({ name, container }) => bed.del(container, forPod(name))));
    expect(await endpoints(cluster)).toEqual({});
    expect(await caliLinks(bed.host)).toEqual([]);
    expect((await routes(bed.host)).filter(({ dev }) => dev?.startsWith('cali'))).toEqual([]);
  });

  test('wait for their policies as long as configured', async () => {
    const { bed } = cluster;
    const name = await pod();
    const container = await bed.container();
    const waiting = (seconds: number) =>
      forPod(name, { policy_setup_timeout_seconds: seconds, endpoint_status_dir: '/run/calico-test' });
    expect(failureOf(await bed.call('ADD', container, waiting(-1))).msg).toBe('invalid pod startup delay of -1');
    const late = await bed.call('ADD', container, waiting(2));
    expect(late).toMatchObject({ exit: 0 });
    expect(late.millis).toBeGreaterThan(2000);
    await bed.del(container, waiting(2));
    writeFileSync(bed.host.file(`/run/calico-test/k8s prod%2F${name.pod} eth0`), '');
    expect((await bed.call('ADD', container, waiting(20))).millis).toBeLessThan(10_000);
    await bed.del(container, waiting(2));
  });

  test('need no API server if CNI_ARGS names them incompletely', async () => {
    const { bed } = cluster;
    const container = await bed.container();
    const args = podArgs({ namespace: 'prod', pod: '' }).replace('K8S_POD_NAME=;', '');
    const changes = { args, conf: podConf({ policy: undefined, kubernetes: undefined }) };
    expect(resultOf(await bed.call('ADD', container, changes)).interfaces?.[0]?.name).toBe(
      `cali${container.containerID.slice(0, 11)}`,
    );
    await bed.del(container, changes);
  });
});
