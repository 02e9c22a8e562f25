import type { IPAMConfig } from '../../shared/calico/model.ts';
import { storedReader } from '../../shared/calico/stored.ts';
import { IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import type { View } from '../../shared/datastore/view.ts';

const DEFAULTS: IPAMConfig = {
  strict_affinity: false,
  auto_allocate_blocks: true,
  maxBlocksPerHost: 0,
  ipCooldownSeconds: 0,
};

/**
 * The cluster's IPAM settings. The defaults apply only when no settings are stored; in stored settings a missing field is false
 * or 0, so `{}` forbids claiming blocks (as Calico). Throws a Failure when the value cannot be read.
 */
export function readConfig(view: View): IPAMConfig {
  const entry = view.get(IPAM_CONFIG);
  if (entry === undefined) return DEFAULTS;
  const stored = storedReader(entry.at, entry.value, 'IPAMConfig');
  const persistence = stored.text('kubeVirtVMAddressPersistence');
  return {
    ...(persistence === '' ? {} : { kubeVirtVMAddressPersistence: persistence }),
    strict_affinity: stored.flag('strict_affinity'),
    auto_allocate_blocks: stored.flag('auto_allocate_blocks'),
    maxBlocksPerHost: stored.int('maxBlocksPerHost'),
    ipCooldownSeconds: stored.int('ipCooldownSeconds'),
  };
}

/** Calico's limit when neither request nor configuration sets one. */
const DEFAULT_MAX_BLOCKS = 20;

/** Most blocks that a node may own: the smaller of the request's and the configuration's limit; 0 is unset. */
export function blockLimit(asked: number, config: IPAMConfig): number {
  const limits = [asked, config.maxBlocksPerHost].filter((limit) => limit > 0);
  return limits.length === 0 ? DEFAULT_MAX_BLOCKS : Math.min(...limits);
}
