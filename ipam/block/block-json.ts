import { stringifyJson } from '../../shared/calico/json.ts';
import type { AllocationAttribute, Block } from '../../shared/calico/model.ts';
import { asObject, isUnsigned, malformed, parseObject, sorted } from '../../shared/calico/stored.ts';
import { type Cidr, parseCidr, size } from '../../shared/net/cidr.ts';
import { decodeAttribute, encodeAttribute } from './attribute-json.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Decodes a stored block and keeps unknown fields; null and absent are treated as in Go. Faults that would make an allocator
 * assign an address twice or crash (wrong length, index out of range, another block's CIDR) are a Failure naming the field
 * and where it is stored (`at`). The queue of free addresses is corrected to match `allocations`, which is authoritative.
 */
export function decodeBlock(cidr: Cidr, text: string, at: string): Block {
  if (latest?.text === text && latest.at === at && latest.cidr === cidr.text) return latest.block;
  const block = blockOfFields(cidr, text, parseObject(at, text), at);
  latest = { text, at, cidr: cidr.text, block };
  return block;
}

/** Caches the last block decoded: several rules of one decision decode the same one. */
let latest: { readonly text: string; readonly at: string; readonly cidr: string; readonly block: Block } | undefined;

/** Like decodeBlock, for a value that is already parsed. */
export function blockOfFields(cidr: Cidr, text: string, fields: Fields, at: string): Block {
  const attributes = Array.isArray(fields['attributes']) ? fields['attributes'].map(decodeAttribute) : [];
  const problem = firstProblem(cidr, fields, attributes);
  if (problem !== undefined) throw malformed(at, text, `field ${problem}`);
  const allocations = fields['allocations'] as readonly (number | null)[];
  const { affinity_claim_time: claimed, sequenceNumberForAllocation: stamps, ...others } = fields;
  return {
    ...others,
    cidr: cidr.text,
    affinity: (fields['affinity'] ?? null) as string | null,
    ...(typeof claimed === 'string' ? { affinity_claim_time: claimed } : {}),
    allocations,
    unallocated: freeQueue(allocations, (fields['unallocated'] ?? []) as readonly (number | null)[]),
    attributes: attributes as readonly AllocationAttribute[],
    sequenceNumber: BigInt((fields['sequenceNumber'] ?? 0) as number | bigint),
    sequenceNumberForAllocation: exact(stamps),
    deleted: fields['deleted'] === true,
  };
}

/** The block as Calico stores it: fields in Calico's order, then unknown ones. */
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

type Decoded = ReturnType<typeof decodeAttribute>;

function firstProblem(cidr: Cidr, fields: Fields, attributes: readonly Decoded[]): string | undefined {
  const given = typeof fields['cidr'] === 'string' ? parseCidr(fields['cidr'])?.text : undefined;
  if (given !== cidr.text) return "cidr does not match the block's name";
  const text = ['affinity', 'affinity_claim_time', 'hostAffinity'].find(
    (name) => typeof (fields[name] ?? '') !== 'string',
  );
  if (text !== undefined) return `${text} must be a string`;
  if (typeof (fields['deleted'] ?? false) !== 'boolean') return 'deleted must be a boolean';
  return problemOfAttributes(fields, attributes) ?? problemOfAllocations(cidr, fields) ?? problemOfSequence(fields);
}

function problemOfAttributes(fields: Fields, attributes: readonly Decoded[]): string | undefined {
  const stored = fields['attributes'] ?? [];
  if (!Array.isArray(stored)) return 'attributes must be a list of attributes';
  const at = attributes.findIndex((attribute) => typeof attribute === 'string');
  return at === -1 ? undefined : `attributes[${at}]${attributes[at]} cannot be read`;
}

function problemOfAllocations(cidr: Cidr, fields: Fields): string | undefined {
  const { allocations, attributes, unallocated } = fields;
  const count = ((attributes ?? []) as readonly unknown[]).length;
  if (!Array.isArray(allocations)) return 'allocations must be a list';
  if (BigInt(allocations.length) !== size(cidr))
    return `allocations has ${allocations.length} of ${size(cidr)} entries`;
  const strange = allocations.find((index) => index !== null && !isIndex(index, count));
  if (strange !== undefined) return `allocations points to attribute ${stringifyJson(strange)} of ${count}`;
  const queue = unallocated ?? [];
  if (!Array.isArray(queue)) return 'unallocated must be a list';
  const outside = queue.find((ordinal) => !isIndex(ordinal ?? 0, allocations.length));
  return outside === undefined ? undefined : `unallocated holds ${stringifyJson(outside)}, which is not in the block`;
}

function problemOfSequence(fields: Fields): string | undefined {
  if (!isUnsigned(fields['sequenceNumber'] ?? 0)) return 'sequenceNumber must be an integer';
  const stamps = asObject(fields['sequenceNumberForAllocation'] ?? {});
  if (stamps !== undefined && Object.values(stamps).every((stamp) => isUnsigned(stamp ?? 0))) return undefined;
  return 'sequenceNumberForAllocation must be a map of integers';
}

const isIndex = (value: unknown, length: number): boolean =>
  typeof value === 'number' && value >= 0 && value < length && value % 1 === 0;

/** Free ordinals in the stored order, each once (null is 0); those missing from the stored queue come last. */
function freeQueue(allocations: readonly (number | null)[], stored: readonly (number | null)[]): readonly number[] {
  const queue = new Set(stored.map((ordinal) => ordinal ?? 0));
  for (let ordinal = 0; ordinal < allocations.length; ordinal++) {
    if (allocations[ordinal] === null) queue.add(ordinal);
    else queue.delete(ordinal);
  }
  return [...queue];
}

function exact(stamps: unknown): Readonly<Record<string, bigint>> {
  const given = (stamps ?? {}) as Readonly<Record<string, number | bigint | null>>;
  if (Object.values(given).every((stamp) => typeof stamp === 'bigint')) return given as Record<string, bigint>;
  return Object.fromEntries(Object.entries(given).map(([ordinal, stamp]) => [ordinal, BigInt(stamp ?? 0)]));
}
