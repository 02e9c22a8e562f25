import type { FamilyRouting } from '../bgp/family-routing.ts';
import type { Routing } from '../bgp/routing.ts';
import { isInternal, nameOf, type Session } from '../bgp/session.ts';
import { channel } from './channel.ts';
import { filterCalls, normalPriority } from './filter-functions.ts';
import { inComment, quoted } from './quoted.ts';
import type { Release } from './release.ts';

/** A session of BGP, with the filters of its routes. */
export function sessionText(
  session: Session,
  routing: FamilyRouting,
  all: Routing,
  release: Release,
): readonly string[] {
  const options = [...connection(session, routing, all, release), ...behaviour(session)];
  return [
    `# ${inComment(session.about)}`,
    `protocol bgp ${nameOf(session)} from calico_peer {`,
    ...options.map((option) => `  ${option};`),
    ...channel(session.address.family, release, exchanged(session, routing)),
    '}',
  ];
}

/** BIRD's own, and the longest that there is. */
const HOLD_S = 240;
const LONGEST_HOLD_S = 65_535;

const given = (...options: readonly (string | false)[]): readonly string[] =>
  options.filter((option) => option !== false);

function connection(
  { address, port, asNumber, localAs, sourceAddress, ttlSecurity }: Session,
  { listenAddress }: FamilyRouting,
  all: Routing,
  release: Release,
): readonly string[] {
  const bound = release === 2 && listenAddress !== undefined;
  // In 2.x the port belongs to the session, in 1.6 to the process.
  const listening = [bound && listenAddress.text, all.port !== undefined && `port ${all.port}`];
  const local = ['local', ...(release === 2 ? given(...listening) : []), `as ${localAs}`].join(' ');
  const source = sourceAddress !== undefined && !bound && `source address ${sourceAddress.text}`;
  return given(
    `neighbor ${address.text}${port === undefined ? '' : ` port ${port}`} as ${asNumber}`,
    local,
    source,
    bound && 'strict bind on',
    ttlSecurity > 0 ? 'ttl security on' : 'ttl security off',
    ttlSecurity > 0 ? `multihop ${ttlSecurity}` : 'multihop',
  );
}

function behaviour(session: Session): readonly string[] {
  const { isPassive, restartSeconds, keepaliveSeconds, password, clusterId, allowedLocalAs } = session;
  // A session is given up after three times without a word.
  const holdSeconds = Math.min((keepaliveSeconds ?? 0) * 3, LONGEST_HOLD_S);
  return given(
    isPassive && 'passive on',
    restartSeconds !== undefined && `graceful restart time ${restartSeconds}`,
    keepaliveSeconds !== undefined && `keepalive time ${keepaliveSeconds}`,
    holdSeconds > HOLD_S && `hold time ${holdSeconds}`,
    password !== undefined && `password ${quoted(password)}`,
    clusterId !== undefined && 'rr client',
    clusterId !== undefined && `rr cluster id ${clusterId}`,
    allowedLocalAs > 0 && `allow local as ${allowedLocalAs}`,
  );
}

function exchanged(session: Session, routing: FamilyRouting): readonly string[] {
  const internal = isInternal(session);
  const imports = filterCalls(session.filters, 'import', routing, internal);
  const exports = [...normalPriority(routing), ...filterCalls(session.filters, 'export', routing, internal)];
  return [
    'gateway recursive;',
    'add paths on;',
    ...(session.nextHop === undefined ? [] : [`next hop ${session.nextHop};`]),
    imports.length === 0 ? 'import all;' : `import filter { ${imports.join(' ')} accept; };`,
    `export filter { ${[...exports, `calico_export${routing.family}(${internal});`].join(' ')} };`,
  ];
}
