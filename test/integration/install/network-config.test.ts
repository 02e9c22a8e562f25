import { mkdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { ETCD, NET, type Node, test } from '../../support/install/node.ts';

const CONF = `${NET}/10-calico.conflist`;
const ENTRY = { type: 'calico', etcd_endpoints: '__ETCD_ENDPOINTS__', ipam: { type: 'calico-ipam' } };
const template = (...plugins: readonly object[]) => JSON.stringify({ name: 'n', cniVersion: '1.0.0', plugins });
const HTTPS = { ETCD_ENDPOINTS: 'https://10.0.0.1:2379' };

/** Runs it, expects that it changes nothing, and returns what it prints. */
async function refusal(node: Node, env: Readonly<Record<string, string>>): Promise<string> {
  const before = node.files();
  const { exit, stderr, stdout } = await node.install([], env);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
  expect(node.files()).toEqual(before);
  return stderr;
}

describe.concurrent('calico-install rejects, naming the field,', () => {
  test.for([
    [{ mtu: '1440' }, 'NetConf.mtu of type int'],
    [{ ipam: { type: 'calico-ipam', assign_ipv6: true } }, 'NetConf.ipam.assign_ipv6 of type string'],
    [{ nodename: 'Worker1' }, 'nodename is "Worker1"'],
    [{ etcd_endpoints: 'http://<ETCD_IP>:<ETCD_PORT>' }, 'placeholders without a value: <ETCD_IP>, <ETCD_PORT>'],
    [{ log_level: '__LOG__' }, 'placeholders without a value: __LOG__'],
    [{ etcd_discovery_srv: 'example.org' }, 'use either "etcdEndpoints" or "etcdDiscoverySrv"'],
    [{ device_type: 'tap' }, 'device_type "tap"'],
    [{ etcd_ca_cert_file: '/etc/ca.pem' }, 'etcd_ca_cert_file: /etc/ca.pem is not there'],
  ] as const)('a template with %j', async ([entry, said], { node }) => {
    const text = template({ ...ENTRY, ...entry });
    const stderr = await refusal(node, { ...ETCD, CNI_NETWORK_CONFIG: text });
    expect(stderr).toMatch(/^calico-install: CNI config cannot be used: /);
    expect(stderr).toContain(said);
    expect(stderr).toContain('\n  CNI_NETWORK_CONFIG');
  });

  test('the same in an entry after ours', async ({ node }) => {
    const text = template(ENTRY, { ...ENTRY, type: 'macvlan', mtu: true });
    const stderr = await refusal(node, { ...ETCD, CNI_NETWORK_CONFIG: text });
    expect(stderr).toMatch(/plugins\[1\] \(macvlan\): .*NetConf\.mtu of type int/);
  });

  test('a node name with capital letters, from the environment and from its file', async ({ node }) => {
    expect(await refusal(node, { ...ETCD, KUBERNETES_NODE_NAME: 'Worker1' })).toContain('nodename is "Worker1"');
    node.put('/etc/hostname', 'Worker_1\n');
    expect(await refusal(node, ETCD)).toContain('the host’s name is "worker_1"');
    node.put('/var/lib/calico/nodename', 'Worker2\n');
    expect(await refusal(node, ETCD)).toContain('/var/lib/calico/nodename is "Worker2"');
  });

  test('TLS without a folder of certificates, with an empty one, without a key, and with a file that is not PEM', async ({
    node,
  }) => {
    const assets = `${node.root}/secrets`;
    const env = { ...HTTPS, TLS_ASSETS_DIR: assets };
    expect(await refusal(node, HTTPS)).toContain(
      'the folder /calico-secrets does not exist: put etcd-ca, etcd-cert, etcd-key',
    );
    expect(await refusal(node, env)).toContain(
      `the folder ${assets} does not exist: put etcd-ca, etcd-cert, etcd-key there`,
    );
    mkdirSync(node.file('/secrets'), { recursive: true });
    expect(await refusal(node, env)).toContain(`${assets} has no etcd-ca, etcd-cert, etcd-key: put them there`);
    for (const name of ['etcd-ca', 'etcd-cert']) node.put(`/secrets/${name}`, '-----BEGIN CERTIFICATE-----');
    expect(await refusal(node, env)).toContain(`etcd_key_file is not: etcd needs both\n`);
    node.put('/secrets/etcd-key', 'no key');
    expect(await refusal(node, env)).toContain(`${assets}/etcd-key holds no PEM data`);
    node.put('/secrets/etcd-key', '-----BEGIN PRIVATE KEY-----');
    expect(await node.install([], env)).toMatchObject({ exit: 0, stderr: '' });
    expect(JSON.parse(node.text(CONF)).plugins[0]).toMatchObject({
      etcd_endpoints: HTTPS.ETCD_ENDPOINTS,
      etcd_ca_cert_file: `${NET}/calico-tls/etcd-ca`,
      etcd_key_file: `${NET}/calico-tls/etcd-key`,
    });
  });
});

describe.concurrent('calico-install without Kubernetes', () => {
  test('writes a list that needs no Kubernetes, and adds portmap once it is installed', async ({ node }) => {
    const first = await node.install();
    expect(first).toMatchObject({ exit: 0, stderr: '' });
    expect(first.stdout).not.toContain('note:');
    expect(node.text(CONF)).not.toMatch(/k8s|kubeconfig|portmap/);
    expect(JSON.parse(node.text(CONF))).toMatchObject({ name: 'calico', cniVersions: ['1.0.0', '1.1.0'] });
    await node.host.must('cp', [`${tools().plugins}/portmap`, `${node.root}/opt/cni/bin/portmap`]);
    expect((await node.install([], {})).stdout).toContain(`wrote ${node.root}${CONF}\n`);
    expect(JSON.parse(node.text(CONF)).plugins).toMatchObject([
      { type: 'calico', etcd_endpoints: ETCD.ETCD_ENDPOINTS },
      { type: 'portmap' },
    ]);
    expect((await node.install([], {})).stdout).toContain(`left ${node.root}${CONF}: unchanged\n`);
  });

  test('never replaces a file that was changed', async ({ node }) => {
    await node.install();
    node.put(CONF, node.text(CONF).replace('"info"', '"debug"'));
    const { stdout } = await node.install([], { ETCD_ENDPOINTS: 'http://10.0.0.9:2379' });
    expect(stdout).toContain(`left ${node.root}${CONF}: set CNI_NETWORK_CONFIG`);
    expect(node.text(CONF)).toContain('"debug"');
  });
});
