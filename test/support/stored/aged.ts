import type { Dump } from '../etcd/etcd.ts';

/** When the address of these tests was assigned: before any machine that runs them was started. */
const LONG_AGO = '2020-02-02 02:02:02 +0000 UTC';

/** The blocks of a dump as if all their addresses had been assigned long ago. */
export const agedBlocks = (dump: Dump): Dump =>
  Object.fromEntries(
    Object.entries(dump)
      .filter(([key]) => key.includes('/block/') && key.includes('/assignment/'))
      .map(([key, value]) => [key, aged(value)]),
  );

/** A block, or an object that holds one, with its timestamps set back; those of `seconds` ago, if given. */
export const aged = (text: string, at = LONG_AGO): string =>
  text.replaceAll(/"timestamp":"[^"]*"/g, `"timestamp":"${at}"`);
