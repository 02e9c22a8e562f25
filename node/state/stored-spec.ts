import { bgpConfiguration } from '../../ctl/kinds/bgp-configuration.ts';
import { bgpFilter } from '../../ctl/kinds/bgp-filter.ts';
import { bgpPeer } from '../../ctl/kinds/bgp-peer.ts';
import { felixConfiguration } from '../../ctl/kinds/felix-configuration.ts';
import type { Of, Type } from '../../ctl/schema/type.ts';
import { asObject } from '../../shared/calico/stored.ts';
import type { WatchedEntry } from '../../shared/datastore/watch.ts';
import { failure } from '../../shared/error/failure.ts';
import type { Spec } from './network-state.ts';
import { fieldsOf } from './watched-entry.ts';

const SPECS = {
  BGPConfiguration: bgpConfiguration.spec,
  BGPPeer: bgpPeer.spec,
  BGPFilter: bgpFilter.spec,
  FelixConfiguration: felixConfiguration.spec,
} as const;

/** Kinds of which the spec is kept as it is stored. */
export type SpecKind = keyof typeof SPECS;

/** The spec of a stored resource. Throws a Failure when a value has the wrong type; what it means is not looked at. */
export function storedSpec(kind: SpecKind, name: string, entry: WatchedEntry): Spec {
  const refuse = (why: string) => failure(`${kind} ${name} is not used: ${why} (${entry.at})`);
  const resource = fieldsOf(entry);
  if (resource === undefined) throw refuse('not a JSON object');
  const spec = asObject(resource['spec'] ?? {});
  if (spec === undefined) throw refuse('spec is not an object');
  const wrong = wrongType(SPECS[kind], 'spec', spec);
  if (wrong !== undefined) throw refuse(wrong);
  return spec;
}

const BY_NATURE: Readonly<Partial<Record<Type['type'], readonly [types: readonly string[], wanted: string]>>> = {
  flag: [['boolean'], 'true or false'],
  integer: [['number'], 'a number'],
  decimal: [['number'], 'a number'],
  text: [['string'], 'a text'],
  choice: [['string'], 'a text'],
  scalar: [['string', 'number'], 'a text or number'],
};

/** The first value that is of another type than the schema says; unknown fields and null are right. */
function wrongType(type: Type, path: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (type.type === 'object' || type.type === 'map') return wrongField(type, path, value);
  if (type.type === 'list') {
    if (!Array.isArray(value)) return `${path} is not a list`;
    return first([...value.entries()], ([at, each]) => wrongType(type.of, `${path}[${at}]`, each));
  }
  const [types, wanted] = BY_NATURE[type.type] ?? [undefined, ''];
  return types === undefined || types.includes(typeof value) ? undefined : `${path} is not ${wanted}`;
}

function wrongField(type: Of<'object' | 'map'>, path: string, value: unknown): string | undefined {
  const fields = asObject(value);
  if (fields === undefined) return `${path} is not an object`;
  return first(Object.entries(fields), ([name, each]) => {
    const its = type.type === 'map' ? type.of : type.fields[name];
    return its === undefined ? undefined : wrongType(its, `${path}.${name}`, each);
  });
}

function first<T>(items: readonly T[], fault: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = fault(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
