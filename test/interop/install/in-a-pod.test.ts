import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { addressesOf } from '../../support/calls/call.ts';
import { claimsOf, createAccounts, tokenOf } from '../../support/install/accounts.ts';
import { type Image, mountAccount, openImage } from '../../support/install/image.ts';
import { clusterForTests, endpointOf, hasKubernetes } from '../../support/kubernetes/cluster-with-pods.ts';
import { createPod, podArgs, podConf } from '../../support/kubernetes/pods.ts';

const NET = '/etc/cni/net.d';
const WHERE = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };
const ENV = { ...WHERE, ETCD_ENDPOINTS: 'http://127.0.0.1:2379', KUBERNETES_NODE_NAME: 'node1', SLEEP: 'false' };

describe.skipIf(!hasKubernetes())('calico-install in a pod of a real cluster', () => {
  const cluster = clusterForTests();
  let image: Image;
  beforeAll(async () => {
    await createAccounts(cluster.kubernetes);
    image = await openImage(cluster.bed.host, ['portmap', 'bandwidth', 'tuning']);
  });

  const read = (path: string) => readFileSync(cluster.bed.host.file(path), 'utf8');
  const account = async (name: string) => ({
    token: await tokenOf(cluster.kubernetes, name),
    ca: read(cluster.kubernetes.ca),
    namespace: 'kube-system',
  });

  test('reports which permission its role lacks to request a token, and changes nothing', async () => {
    await image.mountAccount(await account('calico-cni-plugin'));
    const { exit, stdout, stderr } = await image.install([], ENV);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toMatch(/^calico-install: cannot get a token for kube-system\/calico-cni-plugin: .*forbidden/);
    expect(stderr).toContain('needs create on serviceaccounts/token');
    expect(readdirSync(cluster.bed.host.file(NET))).toEqual([]);
  });

  test('reports that the plugin’s service account is missing', async () => {
    await image.mountAccount(await account('calico-node'));
    const { exit, stderr } = await image.install([], { ...ENV, CALICO_CNI_SERVICE_ACCOUNT: 'nobody' });
    expect({ exit, stderr }).toEqual({
      exit: 1,
      stderr: expect.stringContaining('serviceaccounts "nobody" not found'),
    });
  });

  test('requests no token and writes no kubeconfig in a dry run', async () => {
    await image.mountAccount(await account('calico-node'));
    const { exit, stdout } = await image.install(['--dry-run'], { ...ENV, KUBERNETES_SERVICE_PORT: '1' });
    expect(exit).toBe(0);
    expect(stdout).toContain(`would write /host${NET}/calico-kubeconfig\n`);
    expect(readdirSync(cluster.bed.host.file(NET))).toEqual([]);
  });

  test('installs on the node all that pods need, with a token that has no other permissions', async () => {
    const { bed, kubernetes } = cluster;
    await image.mountAccount(await account('calico-node'));
    const ran = await image.install([], { ...ENV, SKIP_CNI_BINARIES: 'bandwidth' });
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    expect(readdirSync(bed.host.file('/opt/cni/bin')).sort()).toEqual(
      ['calico', 'calico-install', 'calico-ipam', 'portmap', 'tuning'].sort(),
    );
    const kubeconfig = read(`${NET}/calico-kubeconfig`);
    expect(statSync(bed.host.file(`${NET}/calico-kubeconfig`)).mode & 0o777).toBe(0o600);
    expect(claimsOf(kubeconfig).sub).toBe('system:serviceaccount:kube-system:calico-cni-plugin');
    expect(ran.stdout).not.toMatch(/eyJ/);

    const list = JSON.parse(read(`${NET}/10-calico.conflist`));
    const { plugins, ...common } = list;
    const conf = JSON.stringify({ ...common, ...plugins[0], nodename_file_optional: true, mtu: 0 });
    const name = { namespace: 'prod', pod: 'installed-0' };
    await createPod(kubernetes, name, {}, { serviceAccountName: 'shop' });
    const container = await bed.container();
    const changes = { args: podArgs(name), conf, plugin: '/opt/cni/bin/calico', path: '/opt/cni/bin' };
    const result = await bed.add(container, changes);
    expect(await endpointOf(cluster, 'prod/node1-k8s-installed--0-eth0')).toMatchObject({
      spec: { ipNetworks: [`${addressesOf(result)[0]}/32`], profiles: ['kns.prod', 'ksa.prod.shop'] },
    });
    await bed.del(container, changes);
  });

  test('uninstalls from there, including a refreshed kubeconfig', async () => {
    const { host } = cluster.bed;
    await host.must('sh', ['-c', `echo '# renewed by calico/node' >> ${NET}/calico-kubeconfig`]);
    expect(await image.install(['--uninstall'], {})).toMatchObject({ exit: 0, stderr: '' });
    expect(readdirSync(host.file(NET))).toEqual([]);
    expect(existsSync(host.file('/opt/cni/bin/calico'))).toBe(false);
  });

  test('is not needed by a plugin in a pod: it finds the API server by the pod’s service account', async () => {
    const { bed, kubernetes } = cluster;
    await mountAccount(bed.host, await account('calico-cni-plugin'));
    const name = { namespace: 'prod', pod: 'inside-0' };
    await createPod(kubernetes, name, { labels: { app: 'inside' } });
    const container = await bed.container();
    const changes = { args: podArgs(name), conf: podConf({ kubernetes: {} }), env: WHERE };
    await bed.add(container, changes);
    const endpoint = await endpointOf(cluster, 'prod/node1-k8s-inside--0-eth0');
    expect(endpoint?.metadata.labels).toMatchObject({ app: 'inside' });
    await bed.del(container, changes);
  });
});
