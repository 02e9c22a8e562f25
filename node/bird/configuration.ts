import type { Family } from '../../shared/net/address.ts';
import type { FamilyRouting } from '../bgp/family-routing.ts';
import type { Routing } from '../bgp/routing.ts';
import { channel, channels } from './channel.ts';
import { filterFunctions } from './filter-functions.ts';
import { quoted } from './quoted.ts';
import type { Release } from './release.ts';
import { exportFunction, kernelFilter } from './route-filters.ts';
import { sessionText } from './session-text.ts';
import { staticRoutes } from './static-routes.ts';

/** Two seconds, as the original: routes of pods and other programs are seen within them. */
const SCAN = 'scan time 2;';
/** How long a BIRD that was started again waits for all of its peers, one of which may be dead, before it changes routes. */
const RECOVERY_S = 45;
const INNER_INTERFACES = ['cali*', 'kube-ipvs*'];

/** Where BIRD logs to. */
type LogTarget = 'syslog' | 'stderr';

/** BIRD's configuration for one process: both families in release 2, one of them in 1.6. */
export function birdConfiguration(
  routing: Routing,
  release: Release,
  families: readonly Family[],
  log: LogTarget = 'syslog',
): string {
  const parts = families.map((family) => routing.families[family]);
  const lines = [
    '# Written by calicoctl node run. Changes are overwritten.',
    `log ${log} all;`,
    `router id ${routing.routerId};`,
    `graceful restart wait ${RECOVERY_S};`,
    ...(release === 1 ? parts.flatMap((part) => listenText(routing, part)) : []),
    ...parts.flatMap((part) => [...filterFunctions(part), ...exportFunction(part, release), ...kernelFilter(part)]),
    ...common(routing, families, release),
    ...parts.flatMap((part) => [...kernelText(part, release), ...staticText(part, release)]),
    ...parts.flatMap((part) => part.sessions.flatMap((session) => sessionText(session, part, routing, release))),
  ];
  return `${lines.join('\n')}\n`;
}

function listenText({ port }: Routing, { listenAddress }: FamilyRouting): readonly string[] {
  const address = listenAddress === undefined ? '' : ` address ${listenAddress.text}`;
  const number = port === undefined ? '' : ` port ${port}`;
  return address + number === '' ? [] : [`listen bgp${address}${number};`];
}

const DEBUG = { none: [], info: ['  debug { states };'], debug: ['  debug all;'] } as const;

const common = (routing: Routing, families: readonly Family[], release: Release): readonly string[] => [
  ...deviceText(routing),
  'protocol direct {',
  ...channels(families, release),
  `  interface ${interfaces(routing)};`,
  '}',
  ...peerTemplate(routing),
];

const deviceText = ({ logging }: Routing): readonly string[] => [
  'protocol device {',
  ...DEBUG[logging],
  `  ${SCAN}`,
  '}',
];

const peerTemplate = ({ logging }: Routing): readonly string[] => [
  'template bgp calico_peer {',
  ...DEBUG[logging],
  '  description "Connection to BGP peer";',
  '  graceful restart;',
  '  connect delay time 2;',
  '  connect retry time 5;',
  '  error wait time 5,30;',
  '}',
];

const interfaces = ({ ignoredInterfaces }: Routing): string =>
  [...[...ignoredInterfaces, ...INNER_INTERFACES].map((pattern) => `-${quoted(pattern)}`), '"*"'].join(', ');

/** Routes stay in the kernel when BIRD ends, and those of other programs are known to BIRD. */
function kernelText({ family }: FamilyRouting, release: Release): readonly string[] {
  return [
    `protocol kernel kernel${family} {`,
    ...['learn;', 'persist;', SCAN, 'graceful restart;', 'merge paths on;'].map((line) => `  ${line}`),
    ...channel(family, release, ['import all;', `export filter calico_kernel${family};`]),
    '}',
  ];
}

function staticText(routing: FamilyRouting, release: Release): readonly string[] {
  return [
    `protocol static static${routing.family} {`,
    ...channels([routing.family], release),
    ...staticRoutes(routing),
    '}',
  ];
}
