import { describe, expect, test } from 'vitest';
import { checked, encode } from '../../../ctl/change/stored.ts';
import type { Kind } from '../../../ctl/kinds/kind.ts';
import { KINDS } from '../../../ctl/kinds/kinds.ts';
import type { AnyResource, Fields } from '../../../ctl/resource/resource.ts';
import type { FormName } from '../../../ctl/schema/form.ts';
import type { FormatName } from '../../../ctl/schema/format.ts';
import type { ObjectType, Type } from '../../../ctl/schema/type.ts';

/** A valid text for each format, and one that is almost valid. */
const TEXTS: Readonly<Record<FormatName, readonly [right: string, wrong: string]>> = {
  selector: ["has(app) && app in {'a', 'b'}", "app === 'a'"],
  namespaceSelector: ['global()', 'global() && all()'],
  regexp: ['^eth.*', '('],
  name: ['node-1.example', 'Node_1'],
  label: ['security', 'a.b'],
  labelKey: ['example.com/role', '/role'],
  labelValue: ['db_1', '-db'],
  annotationKey: ['example.com/why', 'a b'],
  cidr: ['10.0.0.1/8', '10.0.0.4'],
  net: ['10.0.0.0/8', '10.0.0.1/8'],
  netv4: ['10.0.0.0/8', 'fd00::/8'],
  netv6: ['fd00::/8', '10.0.0.0/8'],
  cidrOrAddress: ['10.0.0.1', '10.0.0.256'],
  cidrv4: ['10.0.0.1/24', 'fd00::1'],
  cidrv6: ['fd00::1', '10.0.0.1'],
  ip: ['fd00::1', '10.0.0.0/8'],
  ipv4: ['10.0.0.1', 'fd00::1'],
  ipv6: ['fd00::1', '10.0.0.1'],
  'IP:port': ['[fd00::1]:179', '10.0.0.1:0'],
  mac: ['02:00:00:00:00:0a', '02:00:00:00:00'],
  interface: ['eth0.100', 'much-too-long-for-one'],
  interfacePattern: ['eth*', 'eth/0'],
  ignoredInterface: ['docker*', '*'],
  ifaceFilter: ['eth+', 'eth*'],
  prometheusHost: ['localhost', 'a b'],
  portName: ['http', 'HTTP'],
  community: ['65001:120:1', '65001:70000'],
};

const VALUES: Readonly<Record<FormName, readonly [right: unknown, wrong: unknown]>> = {
  port: ['8080:8090', 99_999],
  portRange: [80, 'http'],
  protocol: ['TCP', 'tcp'],
  asNumber: [64_512, '64512.70000'],
  duration: ['1m30s', '90'],
  durationOrAuto: ['Auto', 'auto'],
  dscp: ['AF41', 64],
};

function right(type: Type): unknown {
  switch (type.type) {
    case 'text':
      if (type.pattern !== undefined) return PATTERNS.find((text) => new RegExp(type.pattern?.[0] ?? '').test(text));
      return type.format === undefined ? 'x' : TEXTS[type.format][0];
    case 'choice':
      return type.values[0];
    case 'flag':
      return true;
    case 'integer':
      return type.values?.[0] ?? type.max ?? type.min ?? 7;
    case 'decimal':
      return 1.5;
    case 'scalar':
      return VALUES[type.form][0];
    case 'list':
      return [right(type.of)];
    case 'map':
      return { [type.keys === undefined ? 'key' : TEXTS[type.keys][0]]: right(type.of) };
    case 'object':
      return Object.fromEntries(
        Object.entries(type.fields)
          .filter(([, { required }]) => required)
          .map(([name, its]) => [name, right(its)]),
      );
    default:
      return { any: 'thing' };
  }
}

/** Texts that match the existing patterns. */
const PATTERNS = ['10/second', 'Name=true', 'calico'];

const when = (isSo: boolean, ...values: readonly unknown[]): readonly unknown[] => (isSo ? values : []);

/** Values that are invalid for the sort of the type alone. */
const WRONG: Readonly<Record<Type['type'], readonly unknown[]>> = {
  text: [{ an: 'object' }, ['a list']],
  choice: ['Sideways', 1, {}],
  flag: ['yes', 1, {}],
  integer: ['7', 1.5, true, {}],
  decimal: ['7', true, {}],
  scalar: [{}, true],
  list: ['x', {}],
  map: ['x', [1]],
  object: ['x', [1]],
  any: [],
};

/** Values that are invalid for the other rules of the type. */
function beyond(type: Type): readonly unknown[] {
  if (type.type === 'scalar') return [VALUES[type.form][1]];
  if (type.type === 'list')
    return when((type.max ?? 9_999) < 1_000, Array(Math.min(type.max ?? 0, 1_000) + 1).fill(right(type.of)));
  if (type.type === 'integer') {
    const bounds = [...when(type.min !== undefined, Number(type.min) - 1), ...when(!!type.max, Number(type.max) + 1)];
    return [...bounds, ...when(type.values !== undefined, 7)];
  }
  if (type.type !== 'text') return [];
  const other = type.format === undefined ? [] : [TEXTS[type.format][1]];
  return [...other, ...when(!!type.max, 'a'.repeat((type.max ?? 0) + 1)), ...when(!!type.pattern, '\n')];
}

const wrong = (type: Type): readonly unknown[] => [...WRONG[type.type], ...beyond(type)];

interface Case {
  readonly path: string;
  readonly alias: string | undefined;
  readonly value: unknown;
  readonly spec: unknown;
}

/** A spec for every field of a type, at every depth, with only that field invalid. */
function* wrongIn(type: Type, path: string, around: (value: unknown) => unknown): Generator<Case> {
  const alias = type.type === 'text' ? type.alias : undefined;
  for (const value of wrong(type)) yield { path, alias, value, spec: around(value) };
  if (type.type === 'list') yield* wrongIn(type.of, `${path}[0]`, (value) => around([value]));
  if (type.type === 'map') {
    const key = type.keys === undefined ? 'key' : TEXTS[type.keys][0];
    yield* wrongIn(type.of, `${path}.${key}`, (value) => around({ [key]: value }));
    if (type.keys !== undefined) {
      const other = TEXTS[type.keys][1];
      yield { path, alias, value: other, spec: around({ [other]: right(type.of) }) };
    }
  }
  if (type.type === 'object') yield* wrongInside(type, path, around);
}

function* wrongInside(type: ObjectType, path: string, around: (value: unknown) => unknown): Generator<Case> {
  yield { path: `${path}.nosuch`, alias: undefined, value: 1, spec: around({ nosuch: 1 }) };
  for (const [name, its] of Object.entries(type.fields)) {
    if (its.required) yield { path: `${path}.${name}`, alias: undefined, value: undefined, spec: around({}) };
    yield* wrongIn(its, `${path}.${name}`, (value) => around({ [name]: value }));
  }
}

const WRITTEN = KINDS.filter(({ rules }) => rules !== undefined);

const given = (kind: Kind, spec: unknown, name = 'default'): AnyResource => ({
  kind: kind.name,
  apiVersion: 'projectcalico.org/v3',
  metadata: { name, ...(kind.namespaced && { namespace: 'default' }) },
  spec: spec as Fields,
});

function refusal(kind: Kind, spec: unknown): string {
  try {
    checked(kind, given(kind, spec), undefined);
    return 'it was taken';
  } catch (thrown) {
    return String((thrown as Error).message);
  }
}

describe.each(WRITTEN.map((kind) => [kind.name, kind] as const))('%s', (_name, kind) => {
  const spec = kind.rules?.spec as ObjectType;

  test('refuses each invalid field, naming its path', () => {
    const taken: string[] = [];
    let count = 0;
    for (const { path, alias, value, spec: odd } of wrongIn(spec, 'spec', (value) => value)) {
      count++;
      const message = refusal(kind, odd);
      const names = [path, ...(alias === undefined ? [] : [`error with field ${alias} `])];
      if (!names.some((name) => message.includes(name))) taken.push(`${path} = ${JSON.stringify(value)}: ${message}`);
    }
    expect(taken).toEqual([]);
    expect(count).toBeGreaterThan(5);
  });

  test('accepts each valid field, and stores it unchanged', () => {
    for (const [name, type] of Object.entries(spec.fields)) {
      const whole = { ...NEEDED[kind.name]?.['*'], ...NEEDED[kind.name]?.[name] };
      const called = name === 'nodeSelector' ? 'other' : 'default';
      const first = checked(kind, given(kind, { [name]: right(type), ...whole }, called), undefined);
      const text = encode(kind, first);
      const again = checked(kind, given(kind, JSON.parse(text).spec, called), undefined);
      expect(encode(kind, again), `${kind.name} ${name}`).toBe(text);
      expect(JSON.parse(text).spec, `${kind.name} ${name}`).toHaveProperty([name]);
    }
  });
});

/** Other fields that fields need; `*`: every field. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, Fields>>>> = {
  IPPool: {
    '*': { cidr: '10.0.0.0/16' },
    blockSize: { blockSize: 26 },
    namespaceSelector: { namespaceSelector: 'all()', allowedUses: ['Workload'] },
  },
  IPAMConfiguration: { '*': { strictAffinity: true } },
  Node: { bgp: { bgp: { ipv4Address: '10.0.0.1/24' } } },
  BGPConfiguration: {
    communities: { prefixAdvertisements: [{ cidr: '10.0.0.0/8', communities: ['65001:1'] }] },
    prefixAdvertisements: { prefixAdvertisements: [{ cidr: '10.0.0.0/8', communities: ['65001:1'] }] },
  },
  BGPPeer: {
    reachableBy: { reachableBy: 'fd00::1', peerIP: '[fd00::2]:179' },
    localWorkloadSelector: { asNumber: 64_512 },
  },
  FelixConfiguration: {
    routeTableRange: { routeTableRange: { min: 1, max: 250 } },
    routeTableRanges: { routeTableRanges: [{ min: 1, max: 250 }] },
  },
  HostEndpoint: { '*': { node: 'node1', interfaceName: '*' } },
  GlobalNetworkPolicy: { doNotTrack: { applyOnForward: true }, preDNAT: { applyOnForward: true } },
  StagedGlobalNetworkPolicy: { doNotTrack: { applyOnForward: true }, preDNAT: { applyOnForward: true } },
  Tier: { '*': { order: 1_000_000, defaultAction: 'Deny' } },
};
