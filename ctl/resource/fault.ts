import { Failure } from '../../shared/error/failure.ts';

/** An invalid field. */
export interface Fault {
  readonly field: string;
  readonly value?: unknown;
  readonly reason?: string;
}

/** Why a resource cannot be written or found. Callers may skip existing or missing ones. */
export class Refused extends Failure {
  readonly why: 'invalid' | 'exists' | 'missing' | 'conflict' | 'unsupported';

  constructor(why: Refused['why'], msg: string, details?: string) {
    super('refused', msg, { where: details });
    this.why = why;
  }
}

/** Throws when there are faults, in the original's words. */
export function refuseFaults(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  const one = `error with field ${faultText(first)}`;
  const many = `error with the following fields:\n${faults.map((fault) => `-  ${faultText(fault)}\n`).join('')}`;
  throw new Refused('invalid', faults.length === 1 ? one : many);
}

function faultText({ field, value, reason }: Fault): string {
  const shown = value === undefined ? '' : ` = '${printed(value)}'`;
  return `${field}${shown}${reason === undefined ? '' : ` (${reason})`}`;
}

/** A value as Go prints it in these errors. */
const printed = (value: unknown): string => (Array.isArray(value) ? `[${value.join(' ')}]` : String(value));

/** A fault in the words of Calico's field validation. */
export const tagged = (field: string, value: unknown, tag: string): Fault => ({
  field,
  value,
  reason: `Reason: failed to validate Field: ${field} because of Tag: ${tag} `,
});

export const alreadyExists = (id: string): Refused =>
  new Refused('exists', `resource already exists: ${id} with error: <nil>`);
export const doesNotExist = (id: string): Refused =>
  new Refused('missing', `resource does not exist: ${id} with error: <nil>`);
export const updateConflict = (id: string, details: string): Refused =>
  new Refused('conflict', `update conflict: ${id}`, details);
export const unsupported = (operation: string, id: string, reason: string): Refused =>
  new Refused('unsupported', `operation ${operation} is not supported on ${id}: ${reason}`);
