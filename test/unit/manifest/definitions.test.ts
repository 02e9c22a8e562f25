import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ofKind } from './printed.ts';

type Json = Readonly<Record<string, unknown>>;

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly names: Readonly<Record<string, string>>;
    readonly scope: string;
    readonly versions: readonly {
      readonly schema: { readonly openAPIV3Schema: { readonly properties: Readonly<Record<string, Json>> } };
      readonly subresources?: Json;
    }[];
  };
}

const PRINTED = ofKind('CustomResourceDefinition', '') as readonly unknown[] as readonly Definition[];
const FOLDER = join(import.meta.dirname, '../../testdata/crds/crd.projectcalico.org');
/** The types, required fields and limits of Calico's own definitions. */
const ORIGINAL: readonly Definition[] = readdirSync(FOLDER).map((name) =>
  parse(readFileSync(join(FOLDER, name), 'utf8')),
);

const specOf = ({ spec }: Definition): Json => spec.versions[0]?.schema.openAPIV3Schema.properties['spec'] ?? {};

/** Every schema inside of one, by its path. */
function schemasIn(schema: Json, path: string): readonly (readonly [string, Json])[] {
  const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Json>>);
  const others = (['items', 'additionalProperties'] as const).filter((name) => schema[name] !== undefined);
  return [
    [path, schema],
    ...properties.flatMap(([name, its]) => schemasIn(its, `${path}.${name}`)),
    ...others.flatMap((name) => schemasIn(schema[name] as Json, `${path}[]`)),
  ];
}

describe('the definitions of a manifest', () => {
  test('have the names and scopes of crd.projectcalico.org', () => {
    const names = PRINTED.map(({ spec }) => `${spec.names['plural']} ${spec.scope}`).sort();
    expect(names).toEqual(
      [
        ...['bgpconfigurations', 'bgpfilters', 'bgppeers', 'blockaffinities', 'caliconodestatuses'],
        ...['clusterinformations', 'felixconfigurations', 'globalnetworkpolicies', 'globalnetworksets'],
        ...['hostendpoints', 'ipamblocks', 'ipamconfigs', 'ipamhandles', 'ippools', 'ipreservations'],
        ...['kubecontrollersconfigurations', 'stagedglobalnetworkpolicies', 'tiers'],
      ]
        .map((plural) => `${plural} Cluster`)
        .concat(
          ['networkpolicies', 'networksets', 'stagedkubernetesnetworkpolicies', 'stagednetworkpolicies'].map(
            (plural) => `${plural} Namespaced`,
          ),
        )
        .sort(),
    );
    for (const { metadata, spec } of PRINTED)
      expect(metadata.name).toBe(`${spec.names['plural']}.crd.projectcalico.org`);
  });

  test.each(PRINTED.map((one) => [one.spec.names['kind'], one] as const))('%s is structural', (_, definition) => {
    for (const [path, schema] of schemasIn(specOf(definition), 'spec')) {
      const isTyped = schema['type'] !== undefined;
      const isOpen =
        schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
      expect(isTyped || isOpen, path).toBe(true);
      // A field that a newer Calico stores must not be dropped.
      if (schema['properties'] !== undefined) expect(schema['x-kubernetes-preserve-unknown-fields'], path).toBe(true);
    }
  });

  test.each(ORIGINAL.map((one) => [one.spec.names['kind'], one] as const))(
    '%s has the names, types and required fields of the original',
    (_, original) => {
      const ours = PRINTED.find(({ metadata }) => metadata.name === original.metadata.name);
      expect(ours?.spec.names).toEqual(original.spec.names);
      expect(ours?.spec.scope).toBe(original.spec.scope);
      const found = new Map(schemasIn(specOf(ours as Definition), 'spec'));
      for (const [path, schema] of schemasIn(specOf(original), 'spec')) {
        const { type, format } = found.get(path) ?? {};
        // An int64 may hold more than the original's int32.
        expect({ path, type }).toEqual({ path, type: schema['type'] });
        if (schema['format'] === 'int64' || schema['format'] === 'date-time') expect(format).toBe(schema['format']);
      }
    },
  );

  test.each(['ipamblocks', 'blockaffinities', 'ipamhandles', 'ipamconfigs', 'ippools'])(
    '%s require what the original requires, so that both refuse the same objects',
    (plural) => {
      const required = (list: readonly Definition[]) => {
        const found = list.find(({ spec }) => spec.names['plural'] === plural);
        return found && [...((specOf(found)['required'] ?? []) as readonly string[])].sort();
      };
      expect(required(PRINTED)).toEqual(required(ORIGINAL));
    },
  );

  test('write the status of pools apart, as the original does', () => {
    const apart = PRINTED.filter(({ spec }) => spec.versions[0]?.subresources !== undefined);
    expect(apart.map(({ spec }) => spec.names['kind'])).toEqual(['IPPool']);
  });
});
