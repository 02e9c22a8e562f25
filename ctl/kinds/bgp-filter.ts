import { choice, integer, list, type ObjectType, object, scalar, text } from '../schema/type.ts';
import type { Rules } from './rules.ts';

const community = text({ format: 'community', max: 32, required: true });
const PRIORITY = { min: 1, max: 2 ** 31 - 2 } as const;

const OPERATIONS = ['addCommunity', 'prependASPath', 'setPriority'] as const;

const operation = object(
  {
    addCommunity: object({ value: community }),
    prependASPath: object({ prefix: list(scalar('asNumber'), { max: 10, required: true }) }),
    setPriority: object({ value: integer({ ...PRIORITY, required: true }) }),
  },
  {
    relations: [
      {
        reason: 'exactly one operation must be set',
        broken: (fields) => OPERATIONS.filter((name) => fields[name] !== undefined).length !== 1,
      },
    ],
  },
);

const filterRule = (net: 'netv4' | 'netv6', longest: number): ObjectType =>
  object(
    {
      cidr: text({ format: net }),
      prefixLength: object({ min: integer({ min: 0, max: longest }), max: integer({ min: 0, max: longest }) }),
      source: choice(['RemotePeers']),
      interface: text({ format: 'interfacePattern' }),
      matchOperator: choice(['Equal', 'NotEqual', 'In', 'NotIn']),
      peerType: choice(['eBGP', 'iBGP']),
      communities: object({ values: list(community, { min: 1, max: 1, required: true }) }),
      asPathPrefix: list(scalar('asNumber')),
      priority: integer(PRIORITY),
      action: choice(['Accept', 'Reject'], { required: true }),
      operations: list(operation, { max: 10 }),
    },
    {
      relations: [
        {
          at: 'cidr',
          reason: 'MatchOperator cannot be empty when CIDR is not',
          broken: ({ cidr, matchOperator }) => Boolean(cidr) && !matchOperator,
        },
        {
          at: 'matchOperator',
          reason: 'CIDR cannot be empty when MatchOperator is not',
          broken: ({ cidr, matchOperator }) => !cidr && Boolean(matchOperator),
        },
        {
          at: 'prefixLength',
          reason: 'CIDR cannot be empty when PrefixLength is not',
          broken: ({ cidr, prefixLength }) => !cidr && prefixLength !== undefined,
        },
        {
          at: 'operations',
          reason: 'operations may only be used with action Accept',
          broken: ({ operations, action }) => Array.isArray(operations) && operations.length > 0 && action !== 'Accept',
        },
      ],
    },
  );

const [v4, v6] = [list(filterRule('netv4', 32)), list(filterRule('netv6', 128))];

/** BGPFilter: which routes are exported to a peer and imported from it. */
export const bgpFilter: Rules = { spec: object({ exportV4: v4, importV4: v4, exportV6: v6, importV6: v6 }) };
