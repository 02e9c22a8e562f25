import type { Rollback } from '../../shared/call/rollback.ts';
import { delegate } from '../../shared/cni/delegate.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { existingEndpoint } from '../decide/existing-endpoint.ts';
import { noAddresses } from '../decide/no-addresses.ts';
import type { Delegated } from '../decide/result.ts';
import { withoutPodCidrs } from '../kubernetes/host-local.ts';
import type { Session } from './session.ts';

/** Addresses from another IPAM plugin, when one is configured and this container has no endpoint yet. */
export async function fromDelegate(session: Session, undo: Rollback): Promise<Delegated | undefined> {
  const { conf, identity } = session;
  if (conf.ipam.type === 'calico-ipam') return undefined;
  const existing = await transact(session, () => existingEndpoint(identity));
  if (existing !== undefined) return { addresses: [], result: undefined };
  const delegated = askDelegate(session);
  undo.add('release through the IPAM plugin', () => releaseThroughDelegate(session));
  return delegated;
}

/**
 * Asks the configured IPAM plugin for addresses. Calls its DEL when the result has none or its ADD fails (spec 1.1.0, section 4):
 * it may hold some nevertheless, e.g. from a killed ADD.
 */
function askDelegate(session: Session): Delegated {
  const result = orRelease(session, () => delegate('ADD', session.conf.ipam.type, session));
  const addresses = (result?.ips ?? []).map(({ address }) => address.split('/')[0] ?? '');
  if (result === undefined || addresses.length === 0) {
    releaseThroughDelegate(session);
    throw noAddresses(session.identity, `ipam.type is ${session.conf.ipam.type}`);
  }
  return { addresses, result };
}

function orRelease<T>(call: Call, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    try {
      releaseThroughDelegate(call);
    } catch {
      // The ADD's error is more useful.
    }
    throw error;
  }
}

/** Calls the configured IPAM plugin's DEL. */
export function releaseThroughDelegate(call: Call): void {
  delegate('DEL', call.conf.ipam.type, withoutPodCidrs(call));
}
