/** The kinds of operation on the outside world. Each has a boundary before and one after it. */
export type Kind = 'request' | 'kernel' | 'program' | 'file';
type Phase = 'before' | 'after';
/** What an API server may answer instead of doing what it is asked. */
export const STATUSES = ['409', '429', '500'] as const;
export type Status = (typeof STATUSES)[number];
/**
 * kill: SIGKILL; crash: a fault of native code; memory: there is none left; lost: the datastore's answer never arrives;
 * down: the datastore is gone from here on; a status: the API server's answer without its work; fails: the kernel refuses, the program exits 1, the disk is
 * full; beside: another complete call runs here.
 */
export type Fault = 'kill' | 'crash' | 'memory' | 'lost' | 'down' | Status | 'fails' | 'beside';

/** A point in a call where a fault can be injected. `number` counts boundaries of its kind from 1. */
export interface Boundary {
  readonly kind: Kind;
  readonly number: number;
  readonly phase: Phase;
  /** What is done there, as readable text. */
  readonly name: string;
}

/** The notation of a boundary in CALICO_FAULT, e.g. `request 3 after=lost`. Several are separated by semicolons. */
export const placeOf = ({ kind, number, phase }: Omit<Boundary, 'name'>): string => `${kind} ${number} ${phase}`;
