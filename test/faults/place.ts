/** The kinds of operation on the outside world. Each has a boundary before and one after it. */
export type Kind = 'etcd' | 'kernel' | 'program' | 'file';
export type Phase = 'before' | 'after';
/**
 * kill: SIGKILL; lost: etcd's answer never arrives; down: etcd is gone from here on; fails: the kernel refuses, the
 * program exits 1, the disk is full; beside: another complete call runs here.
 */
export type Fault = 'kill' | 'lost' | 'down' | 'fails' | 'beside';

/** A point in a call where a fault can be injected. `number` counts boundaries of its kind from 1. */
export interface Boundary {
  readonly kind: Kind;
  readonly number: number;
  readonly phase: Phase;
  /** What is done there, as readable text. */
  readonly name: string;
}

/** The notation of a boundary in CALICO_FAULT, e.g. `etcd 3 after=lost`. Several are separated by semicolons. */
export const placeOf = ({ kind, number, phase }: Omit<Boundary, 'name'>): string => `${kind} ${number} ${phase}`;
