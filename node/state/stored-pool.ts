import { decodePool } from '../../ipam/config/pools.ts';
import type { WatchedEntry } from '../../shared/datastore/watch.ts';
import { withText } from '../../shared/datastore/with-text.ts';
import { failure } from '../../shared/error/failure.ts';
import type { PoolRouting, TunnelMode } from './network-state.ts';
import { readerOf } from './watched-entry.ts';

/** A stored IPPool. Throws a Failure when a value has the wrong type. */
export function storedPool(name: string, entry: WatchedEntry): PoolRouting {
  const pool = decodePool(withText(entry));
  if (typeof pool === 'string') throw failure(pool);
  const spec = readerOf(`IP pool ${name} is not used`, entry, 'IPPool').object('spec');
  const old = spec.object('ipip');
  return {
    pool,
    vxlanMode: modeOf(spec.text('vxlanMode')),
    ipipMode: modeOf(spec.text('ipipMode') || (old.flag('enabled') ? old.text('mode') || 'Always' : '')),
    natOutgoing: spec.flag('natOutgoing') || spec.flag('nat-outgoing'),
    disableBgpExport: spec.flag('disableBGPExport'),
  };
}

/** Old releases wrote the modes of IPIP in another spelling. */
function modeOf(text: string): TunnelMode {
  const known = text.toLowerCase().replace('-', '');
  return known === 'always' ? 'Always' : known === 'crosssubnet' ? 'CrossSubnet' : 'Never';
}
