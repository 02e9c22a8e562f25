import { describe, expect, test } from 'vitest';
import { ofKind, printing } from './printed.ts';

const FROM = '--from-installation -';

/** As in the tutorials, with the operator's other resource after it. */
const INSTALLATION = `
apiVersion: operator.tigera.io/v1
kind: Installation
metadata: { name: default }
spec:
  cni: { type: Calico, binDir: /var/lib/rancher/k3s/data/cni, confDir: /var/lib/rancher/k3s/agent/etc/cni/net.d }
  registry: quay.io/
  calicoNetwork:
    bgp: Disabled
    mtu: 1430
    containerIPForwarding: Enabled
    hostPorts: Disabled
    ipPools:
    - name: pods
      blockSize: 25
      cidr: 10.48.0.0/16
      encapsulation: VXLANCrossSubnet
      natOutgoing: Enabled
      nodeSelector: all()
    - cidr: fd00:48::/64
      disableBGPExport: true
---
apiVersion: operator.tigera.io/v1
kind: APIServer
metadata: { name: default }
spec: {}
`;

const withSpec = (spec: string) => `{ apiVersion: operator.tigera.io/v1, kind: Installation, spec: ${spec} }`;

describe('an Installation', () => {
  test('gives its pools, with the operator’s defaults', () => {
    expect(ofKind('IPPool', FROM, INSTALLATION)).toMatchObject([
      {
        metadata: { name: 'pods' },
        spec: { cidr: '10.48.0.0/16', blockSize: 25, vxlanMode: 'CrossSubnet', ipipMode: 'Never', natOutgoing: true },
      },
      {
        metadata: { name: 'default-ipv6-ippool' },
        spec: { cidr: 'fd00:48::/64', blockSize: 122, disableBGPExport: true, vxlanMode: 'Never', ipipMode: 'Never' },
      },
    ]);
    const plain = withSpec('{ calicoNetwork: { ipPools: [ { cidr: 10.48.0.0/16, natOutgoing: Disabled } ] } }');
    const [pool] = ofKind('IPPool', FROM, plain);
    expect(pool).toMatchObject({ metadata: { name: 'default-ipv4-ippool' }, spec: { ipipMode: 'Always' } });
    expect(pool?.spec?.['natOutgoing'] ?? false).toBe(false);
  });

  test('gives folders, MTU, and what the network configuration says', () => {
    const [config] = ofKind('ConfigMap', FROM, INSTALLATION);
    const { plugins } = JSON.parse(`${config?.data?.['cni_network_config']}`.replace('__CNI_MTU__', '0'));
    expect(config?.data).toMatchObject({ veth_mtu: '1430' });
    expect(plugins).toMatchObject([{ type: 'calico', container_settings: { allow_ip_forwarding: true } }]);
    const daemon = JSON.stringify(ofKind('DaemonSet', FROM, INSTALLATION));
    expect(daemon).toContain('{"path":"/var/lib/rancher/k3s/data/cni","type":"DirectoryOrCreate"}');
    expect(daemon).toContain('"value":"/var/lib/rancher/k3s/agent/etc/cni/net.d"');
  });

  test('yields to folders and MTU on the command line', () => {
    const words = `${FROM} --mtu 1400 --cni-bin-dir /opt/cni/bin`;
    expect(ofKind('ConfigMap', words, INSTALLATION)[0]?.data).toMatchObject({ veth_mtu: '1400' });
    expect(JSON.stringify(ofKind('DaemonSet', words, INSTALLATION))).toContain('{"path":"/opt/cni/bin",');
  });

  test('is followed by a note of what has no effect here', () => {
    expect(printing(FROM, INSTALLATION).err).toBe('note: of no effect here: spec.registry, spec.calicoNetwork.bgp\n');
  });

  test.each([
    [
      '',
      'holds no Installation\n  give a file with one: kubectl get installation default -o yaml prints that of a cluster',
    ],
    [
      `${INSTALLATION}---\n${INSTALLATION}`,
      'holds 2 Installations\n  give a file with one: kubectl get installation default -o yaml prints that of a cluster',
    ],
    [withSpec('[]'), ': spec of the Installation must be an object'],
    [
      withSpec('{ cni: { type: AmazonVPC } }'),
      ': spec.cni.type is AmazonVPC\n  pods get their network from AmazonVPC, not from this plugin',
    ],
    [
      withSpec('{ cni: { type: Calico, ipam: { type: HostLocal } } }'),
      ': spec.cni.ipam.type is HostLocal\n  the manifest sets up calico-ipam: with another IPAM plugin write the network configuration by hand',
    ],
    [
      withSpec('{ calicoNetwork: { ipPools: [ { cidr: 10.48.0.0/16, encapsulation: GRE } ] } }'),
      ': error with field spec.calicoNetwork.ipPools[0].encapsulation (supported values: "None", "IPIP", "IPIPCrossSubnet", "VXLAN", "VXLANCrossSubnet")',
    ],
    [
      withSpec('{ calicoNetwork: { ipPools: [ { cidr: 10.48.0.0/16, blocksize: 26 } ] } }'),
      ': error with field spec.calicoNetwork.ipPools[0].blocksize (unknown field "spec.calicoNetwork.ipPools[0].blocksize")',
    ],
    [
      withSpec('{ calicoNetwork: { ipPools: [ { blockSize: 26 } ] } }'),
      ': error with field spec.calicoNetwork.ipPools[0].cidr (Required value)',
    ],
    [withSpec('{ cni: [] ]'), /^calico-install manifest: error parsing standard input: /],
  ])('%j is refused', (content, why) => {
    const { err, status } = printing(FROM, content);
    const wanted =
      typeof why === 'string'
        ? `calico-install manifest: standard input${why.startsWith(':') ? '' : ' '}${why}\n`
        : why;
    expect({ err, status }).toEqual({
      err: typeof wanted === 'string' ? wanted : expect.stringMatching(wanted),
      status: 1,
    });
  });

  test.each([
    ['cni: { binDir: bin }', 'spec.cni.binDir bin is not possible'],
    ['cni: { confDir: / }', 'spec.cni.confDir / is not possible'],
    ['calicoNetwork: { mtu: 10 }', 'spec.calicoNetwork.mtu 10 is not possible'],
  ])('with { %s } is refused, by the name of that field', (spec, why) => {
    const { err, status } = printing(FROM, withSpec(`{ ${spec} }`));
    expect({ err, status }).toEqual({
      err: expect.stringContaining(`calico-install manifest: ${why}\n  give `),
      status: 1,
    });
  });

  test('with a pool that cannot be stored is refused, with the pool’s place', () => {
    const content = withSpec('{ calicoNetwork: { ipPools: [ { cidr: 10.48.0.0/16, blockSize: 10 } ] } }');
    const { err } = printing(FROM, content);
    expect(err).toContain('calico-install manifest: spec.calicoNetwork.ipPools[0] 10.48.0.0/16: error with');
    expect(err).toContain('blockSize must be between 20 and 32');
  });

  test.each(['--pool 10.0.0.0/8', '--encapsulation IPIP'])('cannot be used with %s', (words) => {
    const name = words.split(' ')[0];
    expect(printing(`${FROM} ${words}`, INSTALLATION)).toMatchObject({
      err: expect.stringContaining(`${name} cannot be used with --from-installation, which has the pools`),
      status: 2,
    });
  });
});
