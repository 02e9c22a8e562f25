import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ADMIN_TOKEN } from '../../support/kubernetes/api-server.ts';
import { PLUGIN_TOKEN } from '../../support/kubernetes/plugin-user.ts';
import { writeKubeconfig } from '../../support/kubernetes/pods.ts';
import { kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { adminEnvironment, kubernetesCalicoctl } from '../../support/kubernetes-datastore/calicoctl.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { removeKinds } from '../../support/kubernetes-datastore/custom-resources.ts';
import { grantRights } from '../../support/kubernetes-datastore/plugin-rights.ts';

const FOLDER = '/run/calico-test';
/** The rules of the ClusterRole in docs/calicoctl.md, for the kinds that these commands use. */
const OPERATOR = [
  ...['nodes', 'pods', 'namespaces', 'serviceaccounts'].flatMap((resource) =>
    ['get', 'list'].map((verb) => ({ group: '', resource, verb })),
  ),
  { group: '', resource: 'nodes/status', verb: 'update' },
  { group: '', resource: 'pods/status', verb: 'patch' },
  ...['crd.projectcalico.org', 'projectcalico.org'].flatMap((group) =>
    ['get', 'list', 'create', 'update', 'delete'].map((verb) => ({ group, resource: '*', verb })),
  ),
];
const SHOWN = { exit: 0, stdout: expect.stringMatching(/^NAME +CIDR/), stderr: '' };

inOneGroup('an API server is reached by calicoctl with', (bed) => {
  const write = (name: string, text: string): string => {
    writeFileSync(bed.host.file(`${FOLDER}/${name}`), text);
    return `${FOLDER}/${name}`;
  };
  const kubeconfig = (user: object, cluster: object = { 'certificate-authority': bed.kubernetes.ca }) =>
    stringify({
      'current-context': 'c',
      contexts: [
        { name: 'c', context: { cluster: 'k', user: 'u' } },
        { name: 'other', context: { cluster: 'k', user: 'nobody' } },
      ],
      clusters: [{ name: 'k', cluster: { server: bed.kubernetes.url, ...cluster } }],
      users: [
        { name: 'u', user },
        { name: 'nobody', user: { token: 'wrong' } },
      ],
    });
  const get = (env: Readonly<Record<string, string>>, options = '') =>
    kubernetesCalicoctl(bed, `${options}get ippools`, { env });
  const settings = (spec: object) =>
    write(
      'calicoctl.cfg',
      stringify({ apiVersion: 'projectcalico.org/v3', kind: 'CalicoAPIConfig', metadata: {}, spec }),
    );

  test('the variables of the tutorials, with and without CALICO_', async () => {
    const env = adminEnvironment(bed);
    expect(await get(env)).toMatchObject(SHOWN);
    const prefixed = Object.fromEntries(Object.entries(env).map(([name, value]) => [`CALICO_${name}`, value]));
    expect(await get({ ...prefixed, KUBECONFIG: '/nosuch' })).toMatchObject(SHOWN);
  });

  test('a file of settings, and a kubeconfig inside it', async () => {
    const path = write('kubeconfig-a', kubeconfig({ token: ADMIN_TOKEN }));
    const file = settings({ datastoreType: 'kubernetes', kubeconfig: path });
    expect(await get({ KUBECONFIG: '/nosuch' }, `-c ${file} `)).toMatchObject(SHOWN);
    const inline = settings({ datastoreType: 'kubernetes', kubeconfigInline: kubeconfig({ token: ADMIN_TOKEN }) });
    expect(await get({}, `-c ${inline} `)).toMatchObject(SHOWN);
  });

  test('an exec plugin', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: ADMIN_TOKEN },
    };
    const plugin = write('issue-token', `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`);
    chmodSync(bed.host.file(plugin), 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
    const KUBECONFIG = write('kubeconfig-b', kubeconfig({ exec }));
    expect(await get({ DATASTORE_TYPE: 'kubernetes', KUBECONFIG })).toMatchObject(SHOWN);
  });

  test('tls-server-name, data instead of files, and another context', async () => {
    const data = readFileSync(bed.host.file(bed.kubernetes.ca)).toString('base64');
    const path = (name: string) =>
      write(
        'kubeconfig-c',
        kubeconfig({ token: ADMIN_TOKEN }, { 'certificate-authority-data': data, 'tls-server-name': name }),
      );
    expect(await get({ KUBECONFIG: path('kubernetes.default.svc') })).toMatchObject(SHOWN);
    expect(await get({ KUBECONFIG: path('elsewhere.example') })).toMatchObject({ exit: 1, stdout: '' });
    expect(await get({ KUBECONFIG: path('kubernetes.default.svc'), K8S_CURRENT_CONTEXT: 'other' })).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/connection is unauthorized: Unauthorized/),
    });
  });

  test('the rights that the documentation lists, and not with fewer', async () => {
    const KUBECONFIG = writeKubeconfig(bed, bed.kubernetes, PLUGIN_TOKEN, `${FOLDER}/operator-kubeconfig`);
    const env = { DATASTORE_TYPE: 'kubernetes', KUBECONFIG };
    const name = await bed.pod();
    const container = await bed.container();
    await bed.add(container, kddPod(name));
    await grantRights(bed.ask, OPERATOR);
    const wep = `node1-k8s-${name.pod.replaceAll('-', '--')}-eth0`;
    for (const line of [
      'get nodes',
      'get wep -A',
      'get profiles',
      'ipam check --cluster-only',
      'label node node1 rack=7',
      `delete wep ${wep} -n ${name.namespace} --yes`,
      'ipam repair --yes --cluster-only --grace=0',
    ])
      expect(await kubernetesCalicoctl(bed, line, { env }), line).toMatchObject({ exit: 0 });
    await grantRights(bed.ask);
    expect(await kubernetesCalicoctl(bed, 'get wep -A', { env })).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/pods is forbidden.*resources: \["pods"\]\n +verbs: \["list"\]/s),
    });
  });

  test('nothing: each error says what is missing, and none shows the token', async () => {
    const failed = async (env: Readonly<Record<string, string>>) => {
      const { exit, stdout, stderr } = await get(env, '-l debug ');
      expect([exit, stdout]).toEqual([1, '']);
      expect(stderr).not.toContain(ADMIN_TOKEN);
      return stderr;
    };
    expect(await failed({ DATASTORE_TYPE: 'kubernetes' })).toContain('no configuration has been provided');
    expect(await failed({ KUBECONFIG: '/nosuch' })).toContain('stat /nosuch: no such file or directory');
    const away = write('kubeconfig-d', kubeconfig({ token: ADMIN_TOKEN }, { server: 'https://127.0.0.1:1' }));
    expect(await failed({ KUBECONFIG: away })).toContain(
      'the Kubernetes API server cannot be reached\n  https://127.0.0.1:1: ',
    );
    await removeKinds(bed.ask, 'crd.projectcalico.org', 'clusterinformations');
    expect(await failed(adminEnvironment(bed))).toContain(
      'the server could not find the requested resource (get ClusterInformations.crd.projectcalico.org default)',
    );
  });
});
