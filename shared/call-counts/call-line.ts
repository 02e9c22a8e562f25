/** A call that has ended. */
export interface EndedCall {
  readonly plugin: 'calico' | 'calico-ipam';
  readonly verb: string;
  /** The code of its error; 0 for success. */
  readonly code: number;
  readonly milliseconds: number;
}

/** Addresses of a pool that a GC has released. */
export interface Reclaimed {
  /** '-' for addresses in no pool. */
  readonly pool: string;
  readonly count: number;
}

/** As one line. */
export const reclaimedLine = ({ pool, count }: Reclaimed): string => `reclaimed ${pool} ${count}\n`;

/** A call as one line, with its time in microseconds. */
export const lineOf = ({ plugin, verb, code, milliseconds }: EndedCall): string =>
  `${plugin} ${verb} ${code} ${Math.round(milliseconds * 1000)}\n`;
