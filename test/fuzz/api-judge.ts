import { asObject } from '../../shared/calico/stored.ts';
import type { Objects } from './api-cluster.ts';

type Fields = Readonly<Record<string, unknown>>;
type Rules = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown) => typeof value === 'string';
const isWhole = (value: unknown) =>
  typeof value === 'bigint' ? value < 2n ** 63n : Number.isSafeInteger(value) || value === undefined;

/** What the server's schemas require of what is written, by the plural. */
const REQUIRED: Readonly<Record<string, Rules>> = {
  ipamblocks: {
    cidr: isText,
    allocations: Array.isArray,
    unallocated: Array.isArray,
    attributes: Array.isArray,
    sequenceNumber: isWhole,
    deleted: (value) => value === false,
    strictAffinity: (value) => value === false,
    affinity: (value) => value === undefined || isText(value),
  },
  blockaffinities: { cidr: isText, node: isText, type: isText, state: isText, deleted: (value) => value === 'false' },
  ipamhandles: {
    handleID: isText,
    block: (value) => asObject(value) !== undefined,
    deleted: (value) => value === false,
  },
};

/** Every object of Calico's that a call has written is one that the server would take. */
export function judgeWritten(before: Objects, after: Objects): void {
  for (const [path, object] of after) {
    const rules = REQUIRED[path.split('/').at(-2) ?? ''];
    if (rules === undefined || before.get(path) === object) continue;
    const spec = asObject(object['spec']) ?? {};
    const wrong = Object.entries(rules).find(([field, holds]) => !holds(spec[field]));
    if (wrong !== undefined) throw new Error(`${path} was written with ${wrong[0]} ${String(spec[wrong[0]])}`);
  }
}

/** Throws when a container holds more than before: an address, a handle. */
export function judgeHeld(container: string, after: Objects, before: Objects, why: string): void {
  const handleID = `net1.${container}`;
  const now = heldBy(handleID, after);
  const then = heldBy(handleID, before);
  if (now.some((what, at) => what > (then[at] ?? 0))) throw new Error(`${handleID} holds ${now} after ${then}: ${why}`);
}

/** The numbers of a handle's addresses and objects. */
function heldBy(handleID: string, objects: Objects): readonly [addresses: number, handles: number] {
  const specs = [...objects].map(([path, object]) => [path, asObject(object['spec']) ?? {}] as const);
  const addresses = specs.flatMap(([path, spec]) => (path.includes('/ipamblocks/') ? addressesIn(spec, handleID) : []));
  const handles = specs.filter(([path, spec]) => path.includes('/ipamhandles/') && spec['handleID'] === handleID);
  return [addresses.length, handles.length];
}

function addressesIn({ allocations, attributes }: Fields, handleID: string): readonly unknown[] {
  if (!Array.isArray(allocations) || !Array.isArray(attributes)) return [];
  return allocations.filter((index) => asObject(attributes[Number(index ?? -1)])?.['handle_id'] === handleID);
}
