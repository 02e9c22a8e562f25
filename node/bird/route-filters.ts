import { containsCidr } from '../../shared/net/cidr.ts';
import type { FamilyRouting } from '../bgp/family-routing.ts';
import { addCommunity } from './community-text.ts';
import { priorityAsMetric } from './filter-functions.ts';
import type { Release } from './release.ts';

/** Routes of these interfaces lead through a tunnel: what leads to another node's pods is for that node to announce. */
const TUNNELS = ['*.calico', '*.cali', 'tunl*'];

/** The function that decides which routes a peer is told. It accepts or rejects every route. */
export function exportFunction(routing: FamilyRouting, release: Release): readonly string[] {
  const { family, ownBlocks, pools } = routing;
  const accept = (nets: readonly { readonly text: string }[]): readonly string[] =>
    nets.map(({ text }) => `  if (net ~ ${text}) then accept;`);
  return [
    `function calico_export${family}(bool is_internal)`,
    '{',
    ...pools.filter(({ isExported }) => !isExported).map(({ cidr }) => `  if (net ~ ${cidr.text}) then reject;`),
    ...tunnelRoutes(routing, release),
    ...communities(routing),
    // Of an own block nothing but the whole is announced.
    ...ownBlocks.flatMap(({ text }) => [`  if (net = ${text}) then accept;`, `  if (net ~ ${text}) then reject;`]),
    ...accept(notInKernel(routing)),
    ...accept(pools.filter(({ isExported }) => isExported).map(({ cidr }) => cidr)),
    '  reject;',
    '}',
  ];
}

function tunnelRoutes({ family, pools }: FamilyRouting, release: Release): readonly string[] {
  const names = TUNNELS.map((pattern) => `ifname ~ "${pattern}"`).join(' || ');
  const tunnelled = pools.filter(({ isTunnelled, isExported }) => isTunnelled && isExported);
  const leadsAway =
    release === 1
      ? '(dest = RTD_ROUTER || dest = RTD_MULTIPATH)'
      : `dest = RTD_UNICAST && gw != ${family === 4 ? '0.0.0.0' : '::'}`;
  return [
    '  if (is_internal) then {',
    `    if (defined(ifname) && (${names})) then reject;`,
    ...tunnelled.map(
      ({ cidr }) =>
        `    if (net ~ ${cidr.text} && defined(source) && source = RTS_INHERIT && ${leadsAway}) then reject;`,
    ),
    '  }',
  ];
}

const communities = ({ advertisements }: FamilyRouting): readonly string[] =>
  advertisements.map(
    (each) => `  if (net ~ ${each.cidr.text}) then { ${each.communities.map(addCommunity).join(' ')} }`,
  );

/** A service's own address may lie outside the networks that are kept out: the kernel must not drop what is for it. */
function notInKernel({ services }: FamilyRouting): readonly { readonly text: string }[] {
  const outside = services.alone.filter((each) => !services.keptOut.some((whole) => containsCidr(whole, each)));
  return [...services.keptOut, ...outside];
}

/** The filter that decides which of the routes that peers tell are written to the kernel. */
export const kernelFilter = (routing: FamilyRouting): readonly string[] => [
  `filter calico_kernel${routing.family}`,
  '{',
  // The kernel has its own routes to connected networks; BIRD 2 would add to them.
  '  if (source = RTS_DEVICE) then reject;',
  ...notInKernel(routing).map(({ text }) => `  if (net ~ ${text}) then reject;`),
  ...routing.pools.filter(({ isTunnelled }) => isTunnelled).map(({ cidr }) => `  if (net ~ ${cidr.text}) then reject;`),
  ...priorityAsMetric(routing).map((line) => `  ${line}`),
  '  accept;',
  '}',
];
