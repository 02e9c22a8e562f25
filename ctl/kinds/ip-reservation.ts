import { list, object, text } from '../schema/type.ts';
import type { Rules } from './rules.ts';

/** IPReservation: only CIDRs, although allocation also accepts bare addresses. Stored as given. */
export const ipReservation: Rules = { spec: object({ reservedCIDRs: list(text({ format: 'cidr' })) }) };
