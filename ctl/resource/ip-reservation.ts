import { parseCidr } from '../../shared/net/cidr.ts';
import type { Rules } from './rules.ts';

/** IPReservation: CIDRs only, though allocation would take bare addresses; they are stored as given. */
export const ipReservation: Rules = {
  shape: { reservedCIDRs: ['string'] },
  faults: ({ spec }) =>
    ((spec?.['reservedCIDRs'] ?? []) as readonly (string | null)[]).flatMap((given, at) => {
      const text = given ?? '';
      const field = `spec.reservedCIDRs[${at}]`;
      return parseCidr(text) === undefined
        ? [{ field, reason: `${field} in body must be of type cidr: "${text}"` }]
        : [];
    }),
};
