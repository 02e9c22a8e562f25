import { choice, integer, object, type Relation, text } from '../schema/type.ts';

/** A port of an address, 0 for none. */
export const portNumber = integer({ min: 0, max: 65_535 });

/** A port that stays open regardless of policy. TCP without a protocol, from any address without a net. */
export const openPort = object({
  protocol: choice(['TCP', 'UDP', 'SCTP'], { anyCase: true }),
  port: integer({ min: 0, max: 65_535, required: true }),
  net: text({ format: 'cidrOrAddress' }),
});

const range = (relations: readonly Relation[]) =>
  object({ min: integer({ required: true }), max: integer({ required: true }) }, { relations });

const MOST = 0xffff_ffff;

/** Indices of routing tables, of the first 250. */
export const fewTables = range([
  {
    reason: 'must be a range of route table indices within 1..250',
    broken: ({ min, max }) => !(Number(min) >= 1 && Number(max) >= Number(min) && Number(max) <= 250),
  },
]);

/** Indices of routing tables. */
export const manyTables = range([
  { reason: 'min value cannot be greater than max value', broken: ({ min, max }) => Number(min) > Number(max) },
  { reason: 'cannot target indices < 1', broken: ({ min }) => Number(min) < 1 },
  { reason: 'max index too high', broken: ({ max }) => Number(max) > MOST },
]);
