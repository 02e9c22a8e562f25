import type { Silence } from '../bird/reply.ts';
import type { PeerStatus } from './peers.ts';

/** What a BIRD says of one family, or why it says nothing. */
export type FamilyStatus = readonly PeerStatus[] | Silence;

/** What this machine says of its routes. */
export interface NodeStatus {
  /** Who makes them. */
  readonly routedBy: 'calicoctl node run' | 'calico/node' | undefined;
  readonly 4: FamilyStatus;
  readonly 6: FamilyStatus;
  readonly announced: readonly string[];
  /** Releases of addresses that wait for the datastore. */
  readonly journal: number;
}
