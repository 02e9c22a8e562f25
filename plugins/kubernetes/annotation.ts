import type { IpamConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import { parseTexts } from '../../shared/kubernetes/json-list.ts';
import { POD_PREFIX as PREFIX } from '../../shared/kubernetes/pod-annotations.ts';

/** The list in an annotation. The original returns the parser's message alone, which does not name the annotation. */
export function readNote(name: string, value: string): readonly string[] {
  try {
    return parseTexts(value);
  } catch (thrown) {
    throw failure(`annotation "${PREFIX}${name}": ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

/** Refuses an annotation that only Calico's own IPAM understands. */
export function requireCalicoIpam(name: string, { type }: Pick<IpamConf, 'type'>): void {
  if (type !== 'calico-ipam') throw failure(`${name} is not compatible with configured IPAM: ${type}`);
}
