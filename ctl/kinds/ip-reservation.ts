import { list, object, text } from '../schema/type.ts';
import type { Rules } from './rules.ts';

/** IPReservation: CIDRs only, though allocation would take bare addresses; they are stored as given. */
export const ipReservation: Rules = { spec: object({ reservedCIDRs: list(text({ format: 'cidr' })) }) };
