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

/** The call of a line, without its end; undefined when it is not a whole line. */
export function readLine(line: string): EndedCall | undefined {
  const [plugin, verb = '', code, time = '', more] = line.split(' ');
  if ((plugin !== 'calico' && plugin !== 'calico-ipam') || more !== undefined) return undefined;
  const [number, microseconds] = [Number(code), Number(time)];
  const isWhole = (verb === 'ADD' || verb === 'DEL') && time !== '' && microseconds >= 0 && Number.isInteger(number);
  return isWhole ? { plugin, verb, code: number, milliseconds: microseconds / 1000 } : undefined;
}
