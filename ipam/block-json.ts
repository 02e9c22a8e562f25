import { stringifyJson } from '../shared/calico/json.ts';
import { blockKey } from '../shared/calico/keys.ts';
import type { AllocationAttribute, Block } from '../shared/calico/model.ts';
import { type Cidr, parseCidr, size } from '../shared/net/cidr.ts';
import { asObject, isInteger, malformed, parseObject, sorted } from './stored.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The block stored at its key, fields unknown to us kept. What would make an allocator hand an address out twice or crash
 * (wrong length, an index out of range, a CIDR that is not the key's) is refused with CniError 999 naming key and field;
 * the queue of free addresses is made to agree with `allocations`, which is the truth.
 */
export function decodeBlock(cidr: Cidr, text: string): Block {
  return blockOfFields(cidr, text, parseObject(blockKey(cidr), text));
}

/** As decodeBlock, for a value that has been parsed already. */
export function blockOfFields(cidr: Cidr, text: string, fields: Fields): Block {
  const key = blockKey(cidr);
  const problem = firstProblem(cidr, fields);
  if (problem !== undefined) throw malformed(key, text, problem);
  const allocations = fields['allocations'] as readonly (number | null)[];
  const { affinity_claim_time: claimed, sequenceNumberForAllocation: stamps, ...others } = fields;
  return {
    ...others,
    cidr: cidr.text,
    affinity: (fields['affinity'] ?? null) as string | null,
    ...(typeof claimed === 'string' ? { affinity_claim_time: claimed } : {}),
    allocations,
    unallocated: freeQueue(allocations, fields['unallocated']),
    attributes: (fields['attributes'] ?? []) as readonly AllocationAttribute[],
    sequenceNumber: BigInt((fields['sequenceNumber'] ?? 0) as number | bigint),
    sequenceNumberForAllocation: exact(stamps),
    deleted: fields['deleted'] === true,
  };
}

/** The block as Calico stores it: its order of fields, then those we do not know. */
export function encodeBlock(block: Block): string {
  const { cidr, affinity, affinity_claim_time, allocations, unallocated, attributes, ...more } = block;
  const { sequenceNumber, sequenceNumberForAllocation, deleted, ...unknown } = more;
  return stringifyJson({
    cidr,
    affinity,
    affinity_claim_time,
    allocations,
    unallocated,
    attributes: (attributes ?? []).map(encodeAttribute),
    sequenceNumber,
    sequenceNumberForAllocation: sorted(sequenceNumberForAllocation ?? {}),
    deleted,
    ...unknown,
  });
}

function encodeAttribute(attribute: AllocationAttribute): Fields {
  const { handle_id, secondary, alternateOwnerAttrs, releasedAt, ...unknown } = attribute;
  return {
    handle_id: handle_id === '' ? undefined : handle_id,
    secondary: filled(secondary),
    alternateOwnerAttrs: filled(alternateOwnerAttrs),
    releasedAt,
    ...unknown,
  };
}

/** Go leaves an empty map out. */
const filled = (map: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> | undefined =>
  map === undefined || Object.keys(map).length === 0 ? undefined : sorted(map);

function firstProblem(cidr: Cidr, fields: Fields): string | undefined {
  const given = typeof fields['cidr'] === 'string' ? parseCidr(fields['cidr'])?.text : undefined;
  const affinity = fields['affinity'] ?? null;
  if (given !== cidr.text) return 'field cidr is not the CIDR of the key';
  if (affinity !== null && typeof affinity !== 'string') return 'field affinity is not a string';
  return problemOfAllocations(cidr, fields) ?? problemOfSequence(fields);
}

function problemOfAllocations(cidr: Cidr, fields: Fields): string | undefined {
  const { allocations, attributes: stored, unallocated } = fields;
  const attributes = stored ?? [];
  if (!Array.isArray(attributes) || !attributes.every(isAttribute))
    return 'field attributes is not a list of attributes';
  if (!Array.isArray(allocations)) return 'field allocations is not a list';
  if (BigInt(allocations.length) !== size(cidr))
    return `field allocations has ${allocations.length} of ${size(cidr)} entries`;
  const strange = allocations.find((index) => index !== null && !isIndex(index, attributes.length));
  if (strange !== undefined) return `field allocations points to attribute ${String(strange)} of ${attributes.length}`;
  if (unallocated !== null && !Array.isArray(unallocated)) return 'field unallocated is not a list';
  const outside = (unallocated ?? []).find((ordinal) => !isIndex(ordinal, allocations.length));
  return outside === undefined ? undefined : `field unallocated holds ${String(outside)}, which is not in the block`;
}

function problemOfSequence(fields: Fields): string | undefined {
  if (!isInteger(fields['sequenceNumber'] ?? 0)) return 'field sequenceNumber is not an integer';
  const stamps = fields['sequenceNumberForAllocation'] ?? {};
  const bad = asObject(stamps) === undefined || !Object.values(stamps).every(isInteger);
  return bad ? 'field sequenceNumberForAllocation is not a map of integers' : undefined;
}

const isIndex = (value: unknown, length: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < length;

function isAttribute(value: unknown): boolean {
  const attribute = asObject(value);
  if (attribute === undefined) return false;
  const { handle_id, secondary, alternateOwnerAttrs, releasedAt } = attribute;
  const texts = [handle_id, releasedAt].every((text) => text === undefined || typeof text === 'string');
  const maps = [secondary, alternateOwnerAttrs].every((map) => map === undefined || map === null || isStrings(map));
  return texts && maps && (releasedAt === undefined || !Number.isNaN(Date.parse(releasedAt as string)));
}

function isStrings(value: unknown): boolean {
  const map = asObject(value);
  return map !== undefined && Object.values(map).every((text) => typeof text === 'string');
}

/** Free ordinals in the stored order, each once; what the stored queue lost comes last. */
function freeQueue(allocations: readonly (number | null)[], stored: unknown): readonly number[] {
  const queue = new Set((stored ?? []) as readonly number[]);
  for (const [ordinal, index] of allocations.entries()) {
    if (index === null) queue.add(ordinal);
    else queue.delete(ordinal);
  }
  return [...queue];
}

function exact(stamps: unknown): Readonly<Record<string, bigint>> {
  const entries = Object.entries((stamps ?? {}) as Readonly<Record<string, number | bigint>>);
  return Object.fromEntries(entries.map(([ordinal, stamp]) => [ordinal, BigInt(stamp)]));
}
