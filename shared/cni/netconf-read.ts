import { type Failure, failure } from '../error/failure.ts';
import type { LogConf } from '../log/log-conf.ts';
import type {
  EtcdConf,
  IpamConf,
  KubernetesConf,
  NetConf,
  PolicyConf,
  RuntimeConfig,
  ValidAttachment,
} from './netconf.ts';
import { parseJsonText, type Reader, reader } from './reader.ts';

/** The file with the node's name, unless the configuration names another. */
export const NODENAME_FILE = '/var/lib/calico/nodename';

/** The key of GC's list of valid attachments, and an older one. */
const ATTACHMENT_KEYS = ['cni.dev/valid-attachments', 'cni.dev/attachments'];

function refuse(why: string): Failure {
  return failure(`failed to load netconf: ${why}`);
}

/** Reads a network configuration; throws a Failure naming the key and the type when one is wrong. */
export function readNetConf(text: string): NetConf {
  return netConfOf(parseJsonText(text, refuse), text);
}

/** Like readNetConf, for parsed JSON; `text` is its source. */
export function netConfOf(json: unknown, text: string): NetConf {
  const conf = reader(json, 'NetConf', refuse);
  const features = conf.object('feature_control');
  return {
    cniVersion: conf.text('cniVersion'),
    name: readName(conf),
    type: conf.text('type'),
    ipam: readIpam(conf),
    mtu: conf.int('mtu'),
    requireMtuFile: conf.flag('require_mtu_file'),
    numQueues: Math.max(conf.int('num_queues'), 1),
    nodename: conf.text('nodename'),
    nodenameFile: conf.text('nodename_file') || NODENAME_FILE,
    nodenameFileOptional: conf.flag('nodename_file_optional'),
    hostname: conf.text('hostname'),
    datastoreType: conf.text('datastore_type'),
    calicoApiGroup: conf.text('calico_api_group'),
    etcd: readEtcd(conf),
    log: readLog(conf),
    policy: readPolicy(conf.object('policy')),
    kubernetes: readKubernetes(conf.object('kubernetes')),
    featureControl: { ipAddrsNoIpam: features.flag('ip_addrs_no_ipam'), floatingIps: features.flag('floating_ips') },
    allowIpForwarding: conf.object('container_settings').flag('allow_ip_forwarding'),
    includeDefaultRoutes: conf.flag('include_default_routes'),
    deviceType: conf.text('device_type'),
    bandwidthBy: conf.text('bandwidth_by') || 'auto',
    readinessGates: conf.texts('readiness_gates'),
    policySetupTimeoutSeconds: conf.int('policy_setup_timeout_seconds'),
    endpointStatusDir: conf.text('endpoint_status_dir') || '/var/run/calico/endpoint-status',
    dataplaneOptions: conf.map('dataplane_options'),
    windowsUseSingleNetwork: conf.flag('windows_use_single_network'),
    metrics: conf.flag('metrics') || !conf.has('metrics'),
    ipamLockFile: conf.text('ipam_lock_file') || '/var/run/calico/ipam.lock',
    mesosLabels: readMesosLabels(conf),
    argsIps: conf.object('args').object('cni').texts('ips'),
    argsIpGroup: conf.object('args').object('cni').texts('ipGroup'),
    runtimeConfig: readRuntimeConfig(conf.object('runtimeConfig')),
    prevResult: conf.raw('prevResult'),
    validAttachments: readAttachments(conf),
    text,
  };
}

function readName(conf: Reader): string {
  const name = conf.text('name');
  if (/^[a-zA-Z0-9_.-]*$/.test(name)) return name;
  throw failure(
    'invalid characters detected in the given network name. Only letters a-z, numbers 0-9, and symbols _.- are supported',
    name,
  );
}

function readIpam(conf: Reader): IpamConf {
  const ipam = conf.object('ipam');
  return {
    type: ipam.text('type'),
    // Strings in the original by design: any other text leaves the default.
    assignIpv4: ipam.text('assign_ipv4') !== 'false',
    assignIpv6: ipam.text('assign_ipv6') === 'true',
    ipv4Pools: ipam.texts('ipv4_pools'),
    ipv6Pools: ipam.texts('ipv6_pools'),
    raw: conf.map('ipam'),
  };
}

function readEtcd(conf: Reader): EtcdConf {
  return {
    endpoints: conf.text('etcd_endpoints'),
    discoverySrv: conf.text('etcd_discovery_srv'),
    keyFile: conf.text('etcd_key_file'),
    certFile: conf.text('etcd_cert_file'),
    caCertFile: conf.text('etcd_ca_cert_file'),
  };
}

function readLog(conf: Reader): LogConf {
  const positive = (key: string, otherwise: number) => (conf.int(key) > 0 ? conf.int(key) : otherwise);
  return {
    level: conf.text('log_level').toLowerCase(),
    filePath: conf.text('log_file_path'),
    fileMaxSize: positive('log_file_max_size', 100),
    fileMaxAge: positive('log_file_max_age', 30),
    fileMaxCount: positive('log_file_max_count', 10),
  };
}

function readPolicy(policy: Reader): PolicyConf {
  return {
    type: policy.text('type'),
    k8sApiRoot: policy.text('k8s_api_root'),
    k8sAuthToken: policy.text('k8s_auth_token'),
    k8sClientCertificate: policy.text('k8s_client_certificate'),
    k8sClientKey: policy.text('k8s_client_key'),
    k8sCertificateAuthority: policy.text('k8s_certificate_authority'),
  };
}

function readKubernetes(kubernetes: Reader): KubernetesConf {
  return {
    kubeconfig: kubernetes.text('kubeconfig'),
    k8sApiRoot: kubernetes.text('k8s_api_root'),
    nodeName: kubernetes.text('node_name'),
  };
}

function readMesosLabels(conf: Reader): NetConf['mesosLabels'] {
  const info = conf.object('args').object('org.apache.mesos').object('network_info');
  return info
    .object('labels')
    .objects('labels')
    .map((label) => ({ key: label.text('key'), value: label.text('value') }));
}

function readRuntimeConfig(runtime: Reader): RuntimeConfig {
  const bandwidth = runtime.object('bandwidth');
  return {
    ...(runtime.has('bandwidth') && {
      bandwidth: {
        ingressRate: bandwidth.natural('ingressRate'),
        ingressBurst: bandwidth.natural('ingressBurst'),
        egressRate: bandwidth.natural('egressRate'),
        egressBurst: bandwidth.natural('egressBurst'),
      },
    }),
    ...(runtime.has('ips') && { ips: runtime.texts('ips') }),
    ...(runtime.has('ipGroup') && { ipGroup: runtime.texts('ipGroup') }),
    ...(runtime.has('mac') && { mac: runtime.text('mac') }),
  };
}

function readAttachments(conf: Reader): readonly ValidAttachment[] | undefined {
  const key = ATTACHMENT_KEYS.find((name) => conf.has(name)) ?? ATTACHMENT_KEYS.find((name) => conf.names(name));
  if (key === undefined) return undefined;
  return conf.objects(key).map((entry) => {
    const attachment = { containerID: entry.text('containerID'), ifname: entry.text('ifname') };
    // An entry without a container would make GC release an attachment that is still in use.
    if (attachment.containerID === '') throw entry.refuse('containerID', 'missing');
    return attachment;
  });
}
