import type { NetConf } from '../../shared/cni/netconf.ts';
import { goText } from '../../shared/cni/quote.ts';
import { failure } from '../../shared/error/failure.ts';
import { statusOf } from '../../shared/system/files.ts';
import type { Identity } from '../decide/identity.ts';
import { dataplaneOptions } from '../grpc/options.ts';
import { isLimited, requireShapeable } from '../linux/shaping-plan.ts';

/** Fails until calico/node has written the nodename file, unless the configuration makes it optional. */
export function requireNodenameFile(conf: NetConf): void {
  if (conf.nodenameFileOptional) return;
  if (statusOf(conf.nodenameFile) !== undefined) return;
  throw failure(
    `stat ${conf.nodenameFile}: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/`,
    `without calico/node on this host, set nodename_file_optional: true and nodename`,
  );
}

/** ADD: refuses unsupported values before any work. */
export function requireKnownValues(conf: NetConf): void {
  requireKnownDevice(conf);
  requireKnownShaper(conf);
  requireShapeable(conf.runtimeConfig.bandwidth);
}

/** Refuses an unknown bandwidth_by before any work. */
export function requireKnownShaper({ bandwidthBy }: NetConf): void {
  if (['auto', 'plugin', 'felix'].includes(bandwidthBy)) return;
  throw failure(`unknown bandwidth_by "${bandwidthBy}" in CNI config (supported: "auto", "plugin", "felix")`);
}

/** Refuses unsupported device types and dataplane options. */
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
      `runtimeConfig.${what} is not supported with a grpc dataplane`,
      `its protocol has no field for it: remove capabilities.${what} from this plugin's configuration`,
    );
  }
}

/** Refuses a feature that only pods support (as Calico, which does not check floating_ips). */
export function requireKnownFeatures(
  { featureControl }: NetConf,
  { orchestrator }: Pick<Identity, 'orchestrator'>,
): void {
  if (orchestrator === 'k8s' || !featureControl.ipAddrsNoIpam) return;
  throw failure(
    'requested feature is not supported for this runtime: ip_addrs_no_ipam',
    'feature_control.ip_addrs_no_ipam works only for Kubernetes pods: remove it',
  );
}
