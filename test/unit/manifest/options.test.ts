import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ofKind, printedObjects, printing } from './printed.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('options of calico-install manifest', () => {
  let folder = '';
  const file = (name: string, content = PEM) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'manifest-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('are all in the help', () => {
    const { out, status } = printing('--pool 10.0.0.0/8 --help');
    expect(status).toBe(0);
    for (const name of ['datastore', 'pool', 'block-size', 'from-installation', 'image', 'etcd-endpoints', 'crds'])
      expect(out).toContain(`\n  --${name} `);
  });

  test.each([
    ['--nonsense', 'Unknown argument "--nonsense"'],
    ['10.0.0.0/8', 'Unknown argument "10.0.0.0/8"'],
    ['--pool', '--pool needs a value: CIDR'],
    ['--pool --mtu 1400', '--pool needs a value: CIDR'],
    ['--image a --image b', '--image is given twice'],
    ['--pool 10.0.0.0/8 --block-size 26 --block-size 27', '--block-size is given twice for the same family'],
    ['--encapsulation IPIP', '--encapsulation needs --pool'],
    ['--datastore etcd', '--datastore etcd needs --etcd-endpoints, such as https://10.0.0.1:2379'],
    ['--datastore etcd --crds only', '--crds only: etcd needs no definitions'],
    ['--etcd-ca /x', '--etcd-ca needs --etcd-endpoints'],
    [
      '--etcd-endpoints http://10.0.0.1:2379',
      '--etcd-… options need --datastore etcd: the Kubernetes API needs none of them',
    ],
  ])('%s is wrong usage', (words, why) => {
    const expected = `calico-install manifest: ${why}\nTry: calico-install manifest --help\n`;
    const { out, err, status } = printing(words.replace('/x', file('ca')));
    expect({ out, err, status }).toEqual({ out: '', err: expected, status: 2 });
  });

  test.each([
    ['--datastore mysql', '--datastore is "mysql"\n  give one of kubernetes, etcd'],
    [
      '--cni-bin-dir bin',
      '--cni-bin-dir bin is not possible\n  give an absolute path without .., as the nodes name it',
    ],
    ['--cni-net-dir /', '--cni-net-dir / is not possible\n  give an absolute path without .., as the nodes name it'],
    [
      '--cni-bin-dir /a/../b',
      '--cni-bin-dir /a/../b is not possible\n  give an absolute path without .., as the nodes name it',
    ],
    [
      '--cni-bin-dir /a --cni-net-dir /a/',
      '--cni-bin-dir and --cni-net-dir are both /a\n  give each a folder of its own',
    ],
    ['--mtu 65536', '--mtu 65536 is not possible\n  give 0, or 68 to 65535; with IPv6 at least 1280'],
    ['--mtu 67', '--mtu 67 is not possible\n  give 0, or 68 to 65535; with IPv6 at least 1280'],
    ['--mtu 1279 --pool fd00::/64', '--mtu 1279 is not possible\n  give 0, or 68 to 65535; with IPv6 at least 1280'],
    ['--image :::', '--image ::: is not an image reference\n  give one such as registry.example/calico-cni:1.0'],
    ['--image Calico', '--image Calico is not an image reference\n  give one such as registry.example/calico-cni:1.0'],
    [
      '--from-installation /nowhere',
      '--from-installation: cannot read /nowhere: no such file or directory\n  give a file that can be read',
    ],
    [
      '--datastore etcd --etcd-endpoints 10.0.0.1:2379',
      '--etcd-endpoints: "10.0.0.1:2379" is not a URL\n  give one such as https://10.0.0.1:2379',
    ],
    [
      '--datastore etcd --etcd-endpoints https://10.0.0.1:2379',
      '--etcd-endpoints are https\n  give --etcd-ca FILE, or nodes cannot tell whom they reach',
    ],
    [
      '--datastore etcd --etcd-endpoints http://10.0.0.1:2379 --etcd-cert CERT',
      '--etcd-cert and --etcd-key belong together\n  give both, or neither',
    ],
  ])('%s is refused', (words, why) => {
    const { err, status } = printing(words.replace('CERT', file('cert')));
    expect({ err, status }).toEqual({ err: `calico-install manifest: ${why}\n`, status: 1 });
  });

  test('decide the image and the folders of the nodes', () => {
    const words =
      '--image registry.example:5000/calico-cni:1 --cni-bin-dir /opt/bin/ --cni-net-dir=/var/net.d --mtu 1450';
    const text = JSON.stringify(ofKind('DaemonSet', words));
    expect(text).toContain('"image":"registry.example:5000/calico-cni:1"');
    for (const path of ['/opt/bin', '/var/net.d']) {
      expect(text).toContain(`"hostPath":{"path":"${path}","type":"DirectoryOrCreate"}`);
      expect(text).toContain(`"value":"${path}"`);
    }
    expect(ofKind('ConfigMap', words)[0]?.data).toMatchObject({ veth_mtu: '1450' });
  });

  test('change the pods of the DaemonSet only if what these read is another', () => {
    const pods = (words: string) => JSON.stringify(ofKind('DaemonSet', words)[0]?.spec?.['template']);
    expect(pods('--pool 10.0.0.0/8')).toBe(pods('--pool 10.0.0.0/9'));
    expect(pods('--pool 10.0.0.0/8 --mtu 1400')).not.toBe(pods('--pool 10.0.0.0/8'));
    expect(pods('--pool 10.0.0.0/8 --pool fd00::/64')).not.toBe(pods('--pool 10.0.0.0/8'));
  });

  test('--crds prints the definitions alone, or leaves them out', () => {
    const kinds = (words: string) => [...new Set(printedObjects(words).map(({ kind }) => kind))];
    const rest = kinds('--pool 10.0.0.0/8 --crds none');
    expect(kinds('--pool 10.0.0.0/8 --crds only')).toEqual(['CustomResourceDefinition']);
    expect(kinds('--pool 10.0.0.0/8')).toEqual(['CustomResourceDefinition', ...rest]);
    expect(printing('--crds only').err).toBe('');
  });

  test('for etcd bring the Secret and ConfigMap of calico-etcd.yaml, and no kinds', () => {
    const given = `--datastore etcd --etcd-endpoints https://10.0.0.1:2379 --pool 10.244.0.0/16 --etcd-ca ${file('ca')} --etcd-cert ${file('cert')} --etcd-key ${file('key', PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY'))}`;
    const objects = printedObjects(given);
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names).toEqual(expect.arrayContaining(['Secret/calico-etcd-secrets', 'ConfigMap/calico-config']));
    expect(names.filter((name) => /^(?:CustomResource|IPPool|IPAM|ClusterInformation)/.test(name))).toEqual([]);
    const data = (kind: string) => objects.find((one) => one.kind === kind)?.data ?? {};
    expect(Object.keys(data('Secret'))).toEqual(['etcd-ca', 'etcd-cert', 'etcd-key']);
    expect(Buffer.from(`${data('Secret')['etcd-ca']}`, 'base64').toString()).toBe(PEM);
    const { cni_network_config: list = '', 'ippools.json': pools = '', ...others } = data('ConfigMap');
    expect(others).toEqual({
      etcd_endpoints: 'https://10.0.0.1:2379',
      etcd_ca: '/calico-secrets/etcd-ca',
      etcd_cert: '/calico-secrets/etcd-cert',
      etcd_key: '/calico-secrets/etcd-key',
      veth_mtu: '0',
      calico_backend: 'bird',
      typha_service_name: 'none',
    });
    expect(list).toContain('"etcd_endpoints": "__ETCD_ENDPOINTS__"');
    expect(JSON.parse(pools)).toMatchObject([{ kind: 'IPPool', spec: { cidr: '10.244.0.0/16' } }]);
  });
});
