import { describe, expect, test } from 'vitest';
import { type Circumstances, checkConfig } from '../../../ctl/install/config-check.ts';
import { requireServable } from '../../../ctl/install/servable.ts';

/** A node without any file that a configuration could name. */
const HERE: Circumstances = {
  origin: 'here',
  nodename: 'node1',
  hostname: 'worker1',
  judge: requireServable,
  assets: '/calico-secrets',
  hasAssets: false,
  certificates: [],
  source: 'template',
  isThere: () => false,
};
const ENTRY = { type: 'calico', etcd_endpoints: 'http://10.0.0.1:2379', ipam: { type: 'calico-ipam' } };
const IN_KUBERNETES = {
  datastore_type: 'kubernetes',
  policy: { type: 'k8s' },
  kubernetes: { kubeconfig: '/etc/cni/net.d/calico-kubeconfig' },
};
const listOf = (...plugins: readonly object[]) => JSON.stringify({ name: 'n', cniVersion: '1.0.0', plugins });
const checked = (entry: object, here: Partial<Circumstances> = {}) =>
  checkConfig(listOf({ ...ENTRY, ...entry }), { ...HERE, ...here });

describe('a network configuration', () => {
  test('that runtimes and plugins accept is returned with the plugins it calls', () => {
    const kubernetes = { kubeconfig: '/etc/cni/net.d/calico-kubeconfig' };
    const text = listOf({ ...ENTRY, kubernetes }, { type: 'portmap' }, { ...ENTRY, type: 'macvlan' });
    expect(checkConfig(text, { ...HERE, nodename: undefined })).toEqual({
      programs: ['calico', 'portmap', 'macvlan', 'calico-ipam'],
      remarks: [],
      kubeconfig: '/etc/cni/net.d/calico-kubeconfig',
    });
  });

  test.each([
    ['{"name": __CNI_MTU_}', /^CNI config is not valid JSON: .*/],
    ['', /^CNI config is not valid JSON: unexpected end of JSON input$/],
    ['{"plugins":[{"type":"calico"}]}', 'CNI config cannot be used: name is missing'],
    ['{"name":"n","plugins":[]}', 'CNI config cannot be used: a plugin has no type'],
    ['{"name":"n","plugins":[{}]}', 'CNI config cannot be used: a plugin has no type'],
    ['{"name":"n","plugins":{}}', 'CNI config cannot be used: json: cannot unmarshal object into Go struct field'],
    ['{"name":"n","type":"calico","cniVersion":"2.0.0"}', 'CNI config cannot be used: cniVersion is "2.0.0"'],
    [
      listOf(ENTRY).replace('"n"', '"a b"'),
      'plugins[0] (calico): invalid characters detected in the given network name',
    ],
    [listOf(ENTRY).replace('"n"', '"My_Net"'), "error with field Profiles[0] = 'My_Net'"],
    [listOf({ ...ENTRY, ipam: undefined }), 'plugins[0] (calico): ipam.type is missing'],
    [
      listOf(ENTRY, { type: 'macvlan', mtu: '1', ipam: ENTRY.ipam }),
      /plugins\[1\] \(macvlan\): .*NetConf\.mtu of type int/,
    ],
  ])('%s is refused', (text, message) => {
    expect(() => checkConfig(text, HERE)).toThrow(message);
  });

  test.each([
    ['__CNI_MTU__', '__CNI_MTU__'],
    ['__K8S_API_ROOT__', '__K8S_API_ROOT__'],
    ['http://<ETCD_IP>:<ETCD_PORT>', '<ETCD_IP>, <ETCD_PORT>'],
    ['<your etcd>', '<your etcd>'],
    [`http://$${'{ETCD_IP}'}:2379`, `$${'{ETCD_IP}'}`],
    ['http://$(ETCD_IP):2379', '$(ETCD_IP)'],
    ['{{ etcd }}', '{{ etcd }}'],
  ])('with the placeholder %s is refused', (etcd_endpoints, left) => {
    expect(() => checked({ etcd_endpoints })).toThrow(
      `CNI config cannot be used: it contains placeholders without a value: ${left}`,
    );
    expect(() => checkConfig(listOf(ENTRY, { type: 'tuning', x: etcd_endpoints }), HERE)).toThrow(
      `without a value: ${left}`,
    );
  });

  test.each([
    [{ mtu: '1440' }, 'json: cannot unmarshal string into Go struct field NetConf.mtu of type int'],
    [{ mtu: 1440.5 }, 'NetConf.mtu of type int'],
    [
      { ipam: { type: 'calico-ipam', assign_ipv6: true } },
      'bool into Go struct field NetConf.ipam.assign_ipv6 of type string',
    ],
    [{ ipam: { type: 'calico-ipam', ipv4_pools: '10.0.0.0/8' } }, 'NetConf.ipam.ipv4_pools of type []string'],
    [{ require_mtu_file: 'true' }, 'NetConf.require_mtu_file of type bool'],
    [{ log_file_max_size: '100' }, 'NetConf.log_file_max_size of type int'],
    [{ kubernetes: 'x' }, 'NetConf.kubernetes of type object'],
    [{ nodename: 'Worker1' }, 'nodename is "Worker1": a node’s name is of lower case letters'],
    [{ nodename: 'my_node' }, 'nodename is "my_node"'],
    [{ nodename: '-node' }, 'nodename is "-node"'],
    [{ datastore_type: 'kubernetes' }, 'policy.type must be k8s with datastore_type kubernetes, not ""'],
    [{ ...IN_KUBERNETES, kubernetes: { kubeconfig: '/k' } }, 'kubernetes.kubeconfig: /k is not there'],
    [
      { etcd_endpoints: '', ...IN_KUBERNETES, datastore_type: '' },
      'kubernetes.kubeconfig: /etc/cni/net.d/calico-kubeconfig is not there',
    ],
    [{ datastore_type: 'etcd' }, 'unknown datastore type: etcd'],
    [{ etcd_discovery_srv: 'example.org' }, 'multiple discovery or bootstrap options specified'],
    [{ etcd_endpoints: 'http://10.0.0.1' }, 'etcd_endpoints is "http://10.0.0.1", not http://HOST:PORT'],
    [{ device_type: 'tap' }, 'unknown device_type "tap"'],
    [{ bandwidth_by: 'tc' }, 'unknown bandwidth_by "tc"'],
    [{ dataplane_options: { type: 'vpp' } }, 'invalid dataplane type: vpp'],
    [{ dataplane_options: { type: 'grpc' } }, 'GRPC dataplane socket not configured'],
    [{ policy_setup_timeout_seconds: -1 }, 'invalid pod startup delay of -1'],
    [{ readiness_gates: ['bogus'] }, 'invalid URL set for ReadinessGates:bogus'],
    [{ etcd_cert_file: '/c' }, 'etcd_cert_file is given and etcd_key_file is not'],
    [{ etcd_key_file: '/k' }, 'etcd_key_file is given and etcd_cert_file is not'],
    [{ etcd_ca_cert_file: '/ca' }, 'etcd_ca_cert_file: /ca is not there'],
  ])('with an entry that contains %j is refused, naming the entry', (entry, message) => {
    expect(() => checked(entry)).toThrow('CNI config cannot be used: plugins[0] (calico): ');
    expect(() => checked(entry)).toThrow(message);
  });

  test.each([
    [{ nodename: 'Node1\n' }, '/var/lib/calico/nodename is "Node1'],
    [{ nodename: '', hostname: 'my_host' }, 'the host’s name is "my_host"'],
  ])('without a nodename is checked with %j', (here, message) => {
    expect(() => checked({}, here)).toThrow(message);
  });

  test.each([
    [{}, {}, []],
    [{ etcd_endpoints: '', datastore_type: 'etcdv3' }, {}, [expect.stringContaining('has no etcd_endpoints')]],
    [
      { etcd_endpoints: 'http://a:1, b' },
      {},
      ['etcd_endpoints has "b", which is not http://HOST:PORT or https://HOST:PORT'],
    ],
    [{}, { nodename: '' }, [expect.stringMatching(/^\/var\/lib\/calico\/nodename does not exist: pods fail until/)]],
    [{ nodename_file_optional: true }, { nodename: '' }, []],
    [IN_KUBERNETES, { isThere: (path: string) => path === '/etc/cni/net.d/calico-kubeconfig' }, []],
    [
      { ...IN_KUBERNETES, kubernetes: { kubeconfig: '/a:/b' }, etcd_endpoints: '' },
      { isThere: (path: string) => path === '/b' },
      [],
    ],
    [{ ...IN_KUBERNETES, kubernetes: {} }, {}, [expect.stringContaining('has no kubernetes.kubeconfig')]],
    [{ nodename_file: '/var/lib/other' }, { nodename: 'Node1', hostname: 'my_host' }, []],
    [{}, { nodename: undefined, hostname: 'my_host' }, []],
    [{ etcd_endpoints: 'https://a:1' }, {}, [expect.stringContaining('no etcd_ca_cert_file is given')]],
    [
      { etcd_endpoints: 'https://a:1', etcd_ca_cert_file: '' },
      { source: 'kept' },
      [expect.stringContaining('no etcd_ca')],
    ],
    [{ etcd_endpoints: 'https://a:1', etcd_ca_cert_file: '/ca' }, { isThere: () => true }, []],
  ] as const)('%j with %j is accepted', (entry, here, remarks) => {
    expect(checked(entry, here).remarks).toEqual(remarks);
  });

  test('with other plugins only is accepted, with a remark', () => {
    expect(checkConfig(listOf({ type: 'flannel' }), HERE).remarks).toEqual([
      'the network configuration does not use the plugin calico',
    ]);
  });
});

describe('etcd with TLS', () => {
  const https = (here: Partial<Circumstances>, entry: object = { etcd_ca_cert_file: '' }) => {
    let thrown: unknown;
    try {
      checked({ etcd_endpoints: 'https://10.0.0.1:2379', ...entry }, here);
    } catch (error) {
      thrown = error;
    }
    return thrown;
  };

  test.each([
    [
      'no folder',
      {},
      'here: the folder /calico-secrets does not exist: put etcd-ca, etcd-cert, etcd-key there, or set TLS_ASSETS_DIR',
    ],
    [
      'an empty folder',
      { hasAssets: true },
      'here: /calico-secrets has no etcd-ca, etcd-cert, etcd-key: put them there',
    ],
  ])('and %s of certificates is refused, naming folder and files', (_, here, details) => {
    expect(https(here)).toMatchObject({
      message:
        'CNI config cannot be used: plugins[0] (calico): etcd at https://10.0.0.1:2379 uses TLS but there is no certificate for it',
      details: expect.stringContaining(details),
    });
    expect(https({ ...here, source: 'built-in' }, {})).toMatchObject({ details: expect.stringContaining(details) });
  });

  test('by an endpoint without a scheme, too', () => {
    expect(https({}, { etcd_endpoints: '10.0.0.1:2379', etcd_key_file: '' })).toMatchObject({
      message: expect.stringContaining('uses TLS (its URL has no scheme) but there is no certificate'),
    });
  });

  test('and a missing file in a template is named', () => {
    const named = { etcd_ca_cert_file: '/etc/cni/net.d/calico-tls/etcd-ca' };
    expect(https({ hasAssets: true }, named)).toMatchObject({
      message: expect.stringContaining('etcd_ca_cert_file: /etc/cni/net.d/calico-tls/etcd-ca is not there'),
      details: expect.stringContaining('/calico-secrets has no etcd-ca'),
    });
  });

  test('and a certificate without its key names the missing one', () => {
    const here = { hasAssets: true, certificates: ['etcd-ca', 'etcd-cert'], isThere: () => true };
    expect(https(here, { etcd_ca_cert_file: '/a', etcd_cert_file: '/b', etcd_key_file: '' })).toMatchObject({
      message: expect.stringContaining('etcd_cert_file is given and etcd_key_file is not'),
      details: 'here: /calico-secrets has no etcd-key: put them there, or set TLS_ASSETS_DIR to their folder',
    });
  });
});
