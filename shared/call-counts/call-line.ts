/** A call that has ended. */
export interface EndedCall {
  readonly plugin: 'calico' | 'calico-ipam';
  readonly verb: string;
  /** The code of its error; 0 for success. */
  readonly code: number;
  readonly milliseconds: number;
}

/** A call as one line, with its time in microseconds. */
export const lineOf = ({ plugin, verb, code, milliseconds }: EndedCall): string =>
  `${plugin} ${verb} ${code} ${Math.round(milliseconds * 1000)}\n`;
