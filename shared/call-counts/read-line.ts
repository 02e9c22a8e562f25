import type { EndedCall } from './call-line.ts';

/** The call of a line, without its end; undefined when it is not a whole line. */
export function readLine(line: string): EndedCall | undefined {
  const [plugin, verb = '', code, time = '', more] = line.split(' ');
  if ((plugin !== 'calico' && plugin !== 'calico-ipam') || more !== undefined) return undefined;
  const [number, microseconds] = [Number(code), Number(time)];
  const isWhole = (verb === 'ADD' || verb === 'DEL') && time !== '' && microseconds >= 0 && Number.isInteger(number);
  return isWhole ? { plugin, verb, code: number, milliseconds: microseconds / 1000 } : undefined;
}
