import { describe, expect, test } from 'vitest';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';

const read = (conf: object) => readNetConf(JSON.stringify(conf));

describe('defaults', () => {
  test('an empty configuration has every default of the original', () => {
    expect(readNetConf('{}')).toEqual({
      cniVersion: '',
      name: '',
      type: '',
      ipam: { type: '', assignIpv4: true, assignIpv6: false, ipv4Pools: [], ipv6Pools: [], raw: {} },
      metrics: true,
      mtu: 0,
      requireMtuFile: false,
      numQueues: 1,
      nodename: '',
      nodenameFile: '/var/lib/calico/nodename',
      nodenameFileOptional: false,
      hostname: '',
      datastoreType: '',
      calicoApiGroup: '',
      bandwidthBy: 'auto',
      etcd: { endpoints: '', discoverySrv: '', keyFile: '', certFile: '', caCertFile: '' },
      log: { level: '', filePath: '', fileMaxSize: 100, fileMaxAge: 30, fileMaxCount: 10 },
      policy: {
        type: '',
        k8sApiRoot: '',
        k8sAuthToken: '',
        k8sClientCertificate: '',
        k8sClientKey: '',
        k8sCertificateAuthority: '',
      },
      kubernetes: { kubeconfig: '', k8sApiRoot: '', nodeName: '' },
      featureControl: { ipAddrsNoIpam: false, floatingIps: false },
      allowIpForwarding: false,
      includeDefaultRoutes: false,
      deviceType: '',
      readinessGates: [],
      policySetupTimeoutSeconds: 0,
      endpointStatusDir: '/var/run/calico/endpoint-status',
      dataplaneOptions: {},
      windowsUseSingleNetwork: false,
      ipamLockFile: '/var/run/calico/ipam.lock',
      mesosLabels: [],
      argsIps: [],
      argsIpGroup: [],
      runtimeConfig: {},
      prevResult: undefined,
      validAttachments: undefined,
      text: '{}',
    });
  });

  test('null is equivalent to absent, at any depth', () => {
    const nulls = { mtu: null, ipam: null, policy: { type: null }, readiness_gates: null, args: { cni: null } };
    expect(read(nulls)).toEqual({ ...readNetConf('{}'), text: JSON.stringify(nulls) });
  });

  test.each([0, -3])('%d queues are one queue', (queues) => {
    expect(read({ num_queues: queues }).numQueues).toBe(1);
  });
});

describe('valid values', () => {
  test('every key is read, in its place', () => {
    const conf = read({
      cniVersion: '1.0.0',
      name: 'net1',
      type: 'calico',
      ipam: { type: 'host-local', ipv4_pools: ['p4'], ipv6_pools: ['p6'], subnet: 'usePodCidr' },
      mtu: 1400,
      require_mtu_file: true,
      num_queues: 4,
      nodename: 'n',
      nodename_file: '/n',
      nodename_file_optional: true,
      hostname: 'h',
      datastore_type: 'etcdv3',
      etcd_endpoints: 'http://e:2379',
      etcd_discovery_srv: 'd',
      etcd_key_file: '/k',
      etcd_cert_file: '/c',
      etcd_ca_cert_file: '/ca',
      log_level: 'DEBUG',
      log_file_path: '/l',
      log_file_max_size: 1,
      log_file_max_age: 2,
      log_file_max_count: 3,
      policy: {
        type: 'k8s',
        k8s_api_root: 'r',
        k8s_auth_token: 't',
        k8s_client_certificate: 'cc',
        k8s_client_key: 'ck',
        k8s_certificate_authority: 'ca',
      },
      kubernetes: { kubeconfig: '/kc', k8s_api_root: 'kr', node_name: 'kn' },
      feature_control: { ip_addrs_no_ipam: true, floating_ips: true },
      container_settings: { allow_ip_forwarding: true },
      include_default_routes: true,
      device_type: 'netkit',
      readiness_gates: ['http://x/ready'],
      policy_setup_timeout_seconds: 5,
      endpoint_status_dir: '/s',
      dataplane_options: { type: 'grpc', Socket: 'unix:///s' },
      windows_use_single_network: true,
      prevResult: { ips: [1] },
    });
    expect(conf).toMatchObject({
      cniVersion: '1.0.0',
      name: 'net1',
      type: 'calico',
      ipam: { type: 'host-local', ipv4Pools: ['p4'], ipv6Pools: ['p6'], raw: { subnet: 'usePodCidr' } },
      mtu: 1400,
      requireMtuFile: true,
      numQueues: 4,
      nodename: 'n',
      nodenameFile: '/n',
      nodenameFileOptional: true,
      hostname: 'h',
      datastoreType: 'etcdv3',
      etcd: { endpoints: 'http://e:2379', discoverySrv: 'd', keyFile: '/k', certFile: '/c', caCertFile: '/ca' },
      log: { level: 'debug', filePath: '/l', fileMaxSize: 1, fileMaxAge: 2, fileMaxCount: 3 },
      policy: {
        type: 'k8s',
        k8sApiRoot: 'r',
        k8sAuthToken: 't',
        k8sClientCertificate: 'cc',
        k8sClientKey: 'ck',
        k8sCertificateAuthority: 'ca',
      },
      kubernetes: { kubeconfig: '/kc', k8sApiRoot: 'kr', nodeName: 'kn' },
      featureControl: { ipAddrsNoIpam: true, floatingIps: true },
      allowIpForwarding: true,
      includeDefaultRoutes: true,
      deviceType: 'netkit',
      readinessGates: ['http://x/ready'],
      policySetupTimeoutSeconds: 5,
      endpointStatusDir: '/s',
      dataplaneOptions: { type: 'grpc', Socket: 'unix:///s' },
      windowsUseSingleNetwork: true,
      prevResult: { ips: [1] },
    });
  });

  test('keys match in any case, the last one wins, and a null changes nothing', () => {
    expect(readNetConf('{"mtu":1,"MTU":2,"Mtu":null,"IPAM":{"Assign_IPv6":"true"}}')).toMatchObject({
      mtu: 2,
      ipam: { assignIpv6: true },
    });
  });

  test.each([
    ['false', 'true', false, true],
    ['False', 'True', true, false],
    ['', 'yes', true, false],
    ['true', 'false', true, false],
  ])('assign_ipv4 "%s" and assign_ipv6 "%s"', (four, six, assignIpv4, assignIpv6) => {
    expect(read({ ipam: { assign_ipv4: four, assign_ipv6: six } }).ipam).toMatchObject({ assignIpv4, assignIpv6 });
  });

  test('addresses, MAC and bandwidth requested by a runtime', () => {
    const bandwidth = { ingressRate: 1000, ingressBurst: 2 ** 60 };
    const runtimeConfig = {
      bandwidth,
      ips: ['10.0.0.1/24'],
      ipGroup: ['10.9.0.8/29'],
      mac: '00:11:22:33:44:55',
      portMappings: [{ hostPort: 1 }],
    };
    const conf = read({ runtimeConfig, args: { cni: { ips: ['10.0.0.2'], ipGroup: ['10.9.1.1'] } } });
    expect(conf.runtimeConfig).toEqual({
      bandwidth: { ingressRate: 1000, ingressBurst: 2 ** 60, egressRate: 0, egressBurst: 0 },
      ips: ['10.0.0.1/24'],
      ipGroup: ['10.9.0.8/29'],
      mac: '00:11:22:33:44:55',
    });
    expect(conf.argsIpGroup).toEqual(['10.9.1.1']);
    expect(conf.argsIps).toEqual(['10.0.0.2']);
  });

  test('Mesos labels', () => {
    const labels = [{ key: 'a', value: '1' }, { key: 'b' }];
    expect(read({ args: { 'org.apache.mesos': { network_info: { labels: { labels } } } } }).mesosLabels).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '' },
    ]);
  });

  test.each(['cni.dev/valid-attachments', 'cni.dev/attachments'])('%s of GC', (key) => {
    const attachments = [{ containerID: 'a', ifname: 'eth0' }];
    expect(read({ [key]: attachments }).validAttachments).toEqual(attachments);
  });

  test('an empty list of valid attachments differs from a missing one', () => {
    expect(read({ 'cni.dev/valid-attachments': [] }).validAttachments).toEqual([]);
  });

  test('unknown keys, even hostile ones, change nothing', () => {
    const text = '{"__proto__":{"mtu":9},"constructor":{"x":1},"qps":"many","vxlan_vni":"x"}';
    expect(readNetConf(text)).toEqual({ ...readNetConf('{}'), text });
  });

  test('a previous result nested as deep as Go reads is harmless, and a deeper one refused', () => {
    const nested = (depth: number) => `{"name":"n","prevResult":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(readNetConf(nested(9_990)).name).toBe('n');
    expect(() => readNetConf(nested(10_001))).toThrow('exceeded max depth');
  });
});
