import type { EndedCall, Reclaimed } from './call-line.ts';

/** The call of a line, without its end; undefined when it is not a whole line. */
export function readLine(line: string): EndedCall | undefined {
  const [plugin, verb = '', code, time = '', more] = line.split(' ');
  if ((plugin !== 'calico' && plugin !== 'calico-ipam') || more !== undefined) return undefined;
  const [number, microseconds] = [Number(code), Number(time)];
  const isWhole = (verb === 'ADD' || verb === 'DEL') && time !== '' && microseconds >= 0 && Number.isInteger(number);
  return isWhole ? { plugin, verb, code: number, milliseconds: microseconds / 1000 } : undefined;
}

/** The reclaimed addresses of a line; undefined when it is anything else. */
export function readReclaimed(line: string): Reclaimed | undefined {
  const [word, pool = '', number = '', more] = line.split(' ');
  const count = Number(number);
  const isWhole = word === 'reclaimed' && pool !== '' && number !== '' && more === undefined;
  return isWhole && Number.isSafeInteger(count) && count >= 0 ? { pool, count } : undefined;
}
