import { Failure } from '../../shared/error/failure.ts';
import type { AddressHolder } from '../block/holder.ts';

/** Specific addresses are assigned to others. A holder may turn out to be gone: the caller can then release it and decide again. */
class AddressHeld extends Failure {
  readonly holders: readonly AddressHolder[];

  constructor(what: string, details: string, holders: readonly AddressHolder[]) {
    super('refused', what, { where: details });
    this.holders = holders;
  }
}

/** A refusal because of these holders. */
export const addressHeld = (what: string, details: string, holders: readonly AddressHolder[]): Failure =>
  new AddressHeld(what, details, holders);

/** The holders because of which a call was refused, whatever was added to the failure on its way up. */
export function heldBy(thrown: unknown): readonly AddressHolder[] {
  for (let each = thrown; each instanceof Failure; each = each.cause) {
    if (each instanceof AddressHeld) return each.holders;
  }
  return [];
}
