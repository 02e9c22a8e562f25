import { fileContent } from '../../shared/call/node-name.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { goText } from '../../shared/cni/quote.ts';
import { failure } from '../../shared/error/failure.ts';
import { statusOf } from '../../shared/system/files.ts';
import type { Identity } from '../decide/identity.ts';
import { dataplaneOptions } from '../grpc/options.ts';
import { isLimited, requireShapeable } from '../linux/shaping-plan.ts';

const MTU_FILE = '/var/lib/calico/mtu';

/** Refuses to work before calico/node has said that this node is up, unless the configuration waives it. */
export function requireNodenameFile(conf: NetConf): void {
  if (conf.nodenameFileOptional) return;
  if (statusOf(conf.nodenameFile) !== undefined) return;
  throw failure(
    `stat ${conf.nodenameFile}: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/`,
    `without calico/node on this host, set nodename_file_optional: true and nodename`,
  );
}

/** The pods' MTU: configured, else what calico/node found out, else 0, which leaves it to the kernel. */
export function effectiveMtu(conf: NetConf): number {
  const text = fileContent(MTU_FILE);
  if (text === '' && conf.requireMtuFile) {
    throw failure(
      `failed to read MTU file: open ${MTU_FILE}: no such file or directory`,
      'require_mtu_file is set: calico/node writes this file',
    );
  }
  if (text !== '' && !/^[+-]?\d{1,9}$/.test(text)) {
    throw failure(`failed to read MTU file: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`, MTU_FILE);
  }
  return conf.mtu === 0 ? Number(text || '0') : conf.mtu;
}

/** ADD: refuses, before any work, values that cannot be meant. */
export function requireKnownValues(conf: NetConf): void {
  requireKnownDevice(conf);
  requireKnownShaper(conf);
  requireShapeable(conf.runtimeConfig.bandwidth);
}

/** Refuses, before any work, a value of bandwidth_by other than those there are. */
export function requireKnownShaper({ bandwidthBy }: NetConf): void {
  if (['auto', 'plugin', 'felix'].includes(bandwidthBy)) return;
  throw failure(`unknown bandwidth_by "${bandwidthBy}" in CNI config (supported: "auto", "plugin", "felix")`);
}

/** Values that cannot be meant are refused before any work. */
export function requireKnownDevice(conf: NetConf): void {
  if (!['', 'veth', 'netkit'].includes(conf.deviceType)) {
    throw failure(`unknown device_type "${conf.deviceType}" in CNI config (supported: "veth", "netkit")`);
  }
  const dataplane = conf.dataplaneOptions['type'];
  if (dataplane !== undefined && dataplane !== 'grpc')
    throw failure(
      `invalid dataplane type: ${goText(dataplane)}`,
      'dataplane_options.type: leave it out for the Linux dataplane',
    );
  if (dataplaneOptions(conf) === undefined) return;
  const { bandwidth, mac } = conf.runtimeConfig;
  if (isLimited(bandwidth) || mac !== undefined) {
    const what = mac === undefined ? 'bandwidth' : 'mac';
    throw failure(
      `runtimeConfig.${what} cannot be kept with a grpc dataplane`,
      `its calls have no place for it: take capabilities.${what} off this entry`,
    );
  }
}

/** Refuses a feature that only pods can have (as Calico, which lets floating_ips pass). */
export function requireKnownFeatures(
  { featureControl }: NetConf,
  { orchestrator }: Pick<Identity, 'orchestrator'>,
): void {
  if (orchestrator === 'k8s' || !featureControl.ipAddrsNoIpam) return;
  throw failure(
    'requested feature is not supported for this runtime: ip_addrs_no_ipam',
    'feature_control.ip_addrs_no_ipam is for pods of Kubernetes only: leave it out here',
  );
}
