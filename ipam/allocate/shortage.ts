import type { View } from '../../shared/datastore/view.ts';
import { Failure, failure } from '../../shared/error/failure.ts';
import { withDetails } from '../../shared/error/failure-context.ts';
import type { Family } from '../../shared/net/address.ts';
import { type Pool, poolsIn } from '../config/pools.ts';
import { reservationsIn } from '../config/reservations.ts';
import type { Setting } from './setting.ts';

/** A family for which no address was found, and where IPAM looked. */
export interface Shortage {
  readonly family: Family;
  readonly pools: readonly Pool[];
  readonly limit: number;
  /** How many blocks this node owns in these pools. */
  readonly owned: number;
  readonly setting: Setting;
  /** One sentence for each block that could not be read. */
  readonly complaints: readonly string[];
}

/** No free address anywhere, with Calico's text. */
export function shortageError(shortage: Shortage): Failure {
  const { family, pools, setting } = shortage;
  const why = setting.config.strict_affinity
    ? 'No more free affine blocks and strict affinity enabled'
    : `No IPs available in pools: [${pools.map((pool) => pool.cidr.text).join(' ')}]`;
  const text = `failed to request IPv${family} addresses: Assigned 0 out of 1 requested IPv${family} addresses; ${why}`;
  return failure(text, `${situation(shortage)}; free addresses (calicoctl ipam check) or add an IPv${family} pool`);
}

/** The node owns as many blocks as it may, and cannot borrow either. */
export const limitReached = (shortage: Shortage): Failure =>
  failure(
    'cannot allocate new block due to per host block limit',
    `Need to allocate an IPAM block but could not - limit of ${shortage.limit} blocks reached for this node; ` +
      `${situation(shortage)}; raise maxBlocksPerHost or free addresses`,
  );

/** The IPAM configuration forbids nodes to claim blocks. */
export const notAllowedToClaim = (shortage: Shortage): Failure =>
  failure(
    'failed to find or claim a block',
    `auto_allocate_blocks is false in the IPAM configuration; ${situation(shortage)}; claim a block for the node first`,
  );

function situation({ pools, limit, owned, setting, complaints }: Shortage): string {
  const names = pools.map((pool) => `${pool.name} (${pool.cidr.text}, blocks of /${pool.blockSize})`).join(', ');
  const unread = complaints.length === 0 ? '' : `; skipped: ${complaints.map((text) => text.slice(0, 200)).join('; ')}`;
  return `Pools ${names}: node ${setting.request.node} owns ${owned} of at most ${limit} blocks, none with a free address${unread}`;
}

/** Adds to an error what could not be read of pools and reservations, as that may be the reason. */
export function explained(thrown: unknown, view: View): unknown {
  const unread = [...poolsIn(view).unread, ...reservationsIn(view).unread];
  if (!(thrown instanceof Failure) || unread.length === 0) return thrown;
  return withDetails(thrown, unread);
}
