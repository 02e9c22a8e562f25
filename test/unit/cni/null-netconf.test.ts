import { describe, expect, test } from 'vitest';
import { netConfOf } from '../../../shared/cni/netconf-read.ts';
import { resultOf } from '../../../shared/cni/result-read.ts';
import { CONF } from '../../fuzz/cluster.ts';
import { type JsonPath, membersOf, replacedAt, shown } from '../../support/inputs/json-paths.ts';
import { valueOrFailure } from '../../support/inputs/outcome.ts';

/** Without the parts that are passed on unchanged. */
const conf = (json: unknown) =>
  valueOrFailure(() => {
    const { ipam, ...others } = netConfOf(json, '');
    return { ...others, ipam: { ...ipam, raw: undefined } };
  });
/** Go's writers print an empty list as null, and a GC needs the list. */
const SAYS_SOMETHING = 'cni.dev/valid-attachments';
const FULL = {
  ...CONF,
  etcd_discovery_srv: 'x',
  etcd_key_file: '/k',
  etcd_cert_file: '/c',
  etcd_ca_cert_file: '/a',
  nodename_file: '/n',
  hostname: 'h',
  require_mtu_file: true,
  log_file_path: '/l',
  log_file_max_size: 1,
  log_file_max_age: 1,
  log_file_max_count: 1,
  policy: {
    type: 'k8s',
    k8s_api_root: 'x',
    k8s_auth_token: 't',
    k8s_client_certificate: 'c',
    k8s_client_key: 'k',
    k8s_certificate_authority: 'a',
  },
  kubernetes: { kubeconfig: '/k', k8s_api_root: 'x', node_name: 'n' },
  include_default_routes: true,
  device_type: 'veth',
  readiness_gates: ['http://x'],
  policy_setup_timeout_seconds: 1,
  endpoint_status_dir: '/e',
  dataplane_options: { type: 'grpc', socket: 'unix:///x' },
  windows_use_single_network: true,
  ipam_lock_file: '/i',
  args: {
    cni: { ips: ['10.0.0.1'] },
    'org.apache.mesos': { network_info: { labels: { labels: [{ key: 'a', value: 'b' }] } } },
  },
  runtimeConfig: { ...CONF.runtimeConfig, ips: ['10.0.0.1'] },
};
const OPAQUE = ['prevResult', 'dataplane_options'];

describe('in a network configuration', () => {
  const paths = membersOf(FULL).filter(([first]) => first !== undefined);
  const inside = ([first = '', ...rest]: JsonPath) => rest.length > 0 && OPAQUE.includes(String(first));

  test.each(
    paths.filter((path) => shown(path) !== SAYS_SOMETHING && !inside(path)).map((path) => [shown(path), path] as const),
  )('%s null is equivalent to absent', (_, path) => {
    expect(conf(replacedAt(FULL, path, null))).toEqual(conf(replacedAt(FULL, path, undefined)));
  });

  test.each(paths.map((path) => [shown(path), path] as const))(
    '%s of a wrong type is rejected with a readable error',
    (_, path) => {
      for (const wrong of [true, 7, 'x', [7], [[]], { x: [] }, 1e300, [null], { x: null }])
        conf(replacedAt(FULL, path, wrong));
    },
  );

  test.each([
    [{ ipam: { ipv4_pools: [null] } }, { ipam: { ipv4Pools: [''] } }],
    [{ readiness_gates: [null, 'x'] }, { readinessGates: ['', 'x'] }],
    [{ runtimeConfig: { ips: [null] } }, { runtimeConfig: { ips: [''] } }],
    [
      { args: { 'org.apache.mesos': { network_info: { labels: { labels: [null] } } } } },
      { mesosLabels: [{ key: '', value: '' }] },
    ],
  ])('a null in a list is an empty item: %j', (given, expected) => {
    expect(conf(given)).toMatchObject(expected);
  });

  test('null as a whole is an empty one', () => {
    expect(conf(null)).toEqual(conf({}));
  });
});

describe('in a result', () => {
  const OLD = {
    cniVersion: '0.2.0',
    ip4: { ip: '10.0.0.1/24', gateway: '10.0.0.2', routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.2' }] },
  };

  test.each(
    [CONF.prevResult, OLD].flatMap((full) => membersOf(full).map((path) => [shown(path), path, full] as const)),
  )('%s null is equivalent to absent, and any wrong type gives a readable error', (_, path, full) => {
    const result = (json: unknown) => valueOrFailure(() => resultOf(json, 'it'));
    expect(result(replacedAt(full, path, null))).toEqual(result(replacedAt(full, path, undefined)));
    for (const wrong of [true, 7, 'x', [7], [[]], { x: [] }, [null]]) result(replacedAt(full, path, wrong));
  });
});
