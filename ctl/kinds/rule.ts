import type { Fields } from '../resource/resource.ts';
import { objectOf } from '../resource/shape.ts';
import { choice, integer, list, map, object, type Relation, scalar, text } from '../schema/type.ts';
import { entity } from './entity-rule.ts';

const icmp = object(
  { type: integer({ min: 0, max: 254 }), code: integer({ min: 0, max: 255 }) },
  {
    relations: [
      {
        at: 'code',
        reason: 'ICMP code specified without an ICMP type',
        broken: ({ code, type }) => code !== undefined && type === undefined,
      },
    ],
  },
);

const path = object(
  { exact: text({ max: 1024 }), prefix: text({ max: 1024 }) },
  {
    relations: [
      {
        reason: "Invalid path match. Both 'exact' and 'prefix' are set",
        broken: ({ exact, prefix }) => isSet(exact) && isSet(prefix),
      },
      {
        reason: "Invalid path match. Either 'exact' or 'prefix' must be set",
        broken: ({ exact, prefix }) => !isSet(exact) && !isSet(prefix),
      },
      {
        reason: 'must start with `/` and not contain blanks, `?` or `#`',
        broken: ({ exact, prefix }) => [exact, prefix].some((part) => isSet(part) && !/^\/[^? #]*$/.test(String(part))),
      },
    ],
  },
);

const http = object({ methods: list(text(), { max: 20, unique: true }), paths: list(path, { max: 20 }) });

const isSet = (value: unknown): boolean => value !== undefined && value !== '';
const hasItems = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
const isOne = (value: unknown, ...protocols: readonly (string | number)[]): boolean =>
  protocols.some((protocol) => String(protocol) === String(value));
const PORTS = ['TCP', 6, 'UDP', 17, 'SCTP', 132];

const portsNeedProtocol = (side: string, field: string): Relation => ({
  at: `${side}.${field}`,
  reason: 'rules that specify ports must set protocol to TCP or UDP or SCTP',
  broken: ({ protocol, ...rule }) => hasItems(objectOf(rule[side])?.[field]) && !isOne(protocol, ...PORTS),
});

const versionOf = (net: unknown): number => (String(net).includes(':') ? 6 : 4);
const netsOf = (rule: Fields): readonly unknown[] =>
  ['source', 'destination'].flatMap((side) =>
    ['nets', 'notNets'].flatMap((field) => (objectOf(rule[side])?.[field] ?? []) as readonly unknown[]),
  );

const icmpVersion = (name: string, protocols: readonly (string | number)[], version: number): Relation => ({
  at: 'ipVersion',
  reason: `must set ipversion to '${version}' with protocol ${name}`,
  broken: ({ protocol, notProtocol, ipVersion }) =>
    ipVersion !== undefined && ipVersion !== version && [protocol, notProtocol].some((one) => isOne(one, ...protocols)),
});

const RELATIONS: readonly Relation[] = [
  ...['source', 'destination'].flatMap((side) => ['ports', 'notPorts'].map((field) => portsNeedProtocol(side, field))),
  {
    at: 'protocol',
    reason: 'rules that specify HTTP fields must set protocol to TCP or empty',
    broken: ({ http: match, protocol }) => match !== undefined && isSet(protocol) && !isOne(protocol, 'TCP', 6),
  },
  {
    at: 'http',
    reason: 'only valid for Allow rules',
    broken: ({ http: match, action }) => match !== undefined && action !== 'Allow',
  },
  {
    at: 'icmp',
    reason: 'rules that specify ICMP fields must set protocol to ICMP',
    broken: ({ icmp: fields, protocol }) => fields !== undefined && !isOne(protocol, 'ICMP', 1, 'ICMPv6', 58),
  },
  icmpVersion('icmp', ['ICMP', 1], 4),
  icmpVersion('icmpv6', ['ICMPv6', 58], 6),
  {
    reason: "rule IP version doesn't match CIDR version",
    broken: (rule) =>
      rule['ipVersion'] !== undefined && netsOf(rule).some((net) => versionOf(net) !== rule['ipVersion']),
  },
  {
    reason: 'rule contains both IPv4 and IPv6 CIDRs',
    broken: (rule) => new Set(netsOf(rule).map(versionOf)).size > 1,
  },
  {
    at: 'destination',
    reason: 'cannot specify ports with a service selector',
    broken: ({ destination }) => {
      const { services, ports, notPorts } = objectOf(destination) ?? {};
      return services !== undefined && (hasItems(ports) || hasItems(notPorts));
    },
  },
];

/** A rule of a policy or profile. */
export const rule = object(
  {
    action: choice(['Allow', 'Deny', 'Log', 'Pass'], { required: true }),
    ipVersion: integer({ values: [4, 6] }),
    protocol: scalar('protocol'),
    icmp,
    notProtocol: scalar('protocol'),
    notICMP: icmp,
    source: entity,
    destination: entity,
    http,
    metadata: object({ annotations: map(text(), { keys: 'annotationKey' }) }),
  },
  { relations: RELATIONS },
);
