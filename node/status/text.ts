import { grid, shortLines } from '../../ctl/text/table.ts';
import type { FamilyStatus, NodeStatus } from './node-status.ts';
import type { PeerStatus } from './peers.ts';

const HEAD = ['PEER ADDRESS', 'PEER TYPE', 'STATE', 'SINCE', 'INFO'];
/** Longer texts take several lines. */
const WIDEST = 30;
const SHOWN = 8;

/** What `calicoctl node status` prints of a running Calico: as the original, and then more. */
export function statusText(status: NodeStatus): string {
  const lines = isWithoutBird(status)
    ? ['\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n']
    : ([4, 6] as const).map((family) => familyText(family, status[family]));
  return `Calico process is running.\n${lines.join('')}\n${ownText(status)}`;
}

const isWithoutBird = (status: NodeStatus): boolean => status[4] === 'absent' && status[6] === 'absent';

function familyText(family: 4 | 6, status: FamilyStatus): string {
  const program = family === 4 ? 'bird' : 'bird6';
  if (status === 'absent') return `\nINFO: BIRDv${family} process: '${program}' is not running.\n`;
  const title = `\nIPv${family} BGP status\n`;
  if (typeof status === 'string') return `${title}Error querying BIRD: BIRDv${family} ${REASONS[status]}\n`;
  return title + (status.length === 0 ? `No IPv${family} peers found.\n` : grid(HEAD, status.flatMap(rows), 'left'));
}

const REASONS = { silent: 'does not answer', forbidden: 'may not be asked' } as const;

function rows(peer: PeerStatus): readonly (readonly string[])[] {
  const [first = '', ...more] = shortLines(peer.info, WIDEST);
  const rest = more.map((line) => ['', '', '', '', line]);
  // The original's column is as wide as the text, up to the longest line that it allows.
  const info = first.padEnd(Math.min(peer.info.length, WIDEST));
  return [[addressText(peer), peer.type, peer.state, peer.since, info], ...rest];
}

const addressText = ({ family, address, port }: PeerStatus): string => {
  if (port === undefined) return address;
  return family === 4 ? `${address}:${port}` : `[${address}]:${port}`;
};

/** What the original does not say. */
function ownText(status: NodeStatus): string {
  const { announced, journal } = status;
  const more = announced.length > SHOWN ? `, and ${announced.length - SHOWN} more` : '';
  return [
    `Routes made by: ${status.routedBy}`,
    `Announced: ${announced.length === 0 ? 'nothing' : announced.slice(0, SHOWN).join(', ')}${more}`,
    `Routes received: ${receivedBy(status)}`,
    `Journal: ${journal === 0 ? 'empty' : `${journal} ${journal === 1 ? 'release waits' : 'releases wait'} for the datastore`}`,
    '',
  ].join('\n');
}

const peersOf = (status: FamilyStatus): readonly PeerStatus[] => (typeof status === 'string' ? [] : status);
const receivedBy = (status: NodeStatus): number =>
  [...peersOf(status[4]), ...peersOf(status[6])].reduce((sum, { received }) => sum + received, 0);

/** The same for programs. */
export const statusJson = (status: NodeStatus): string =>
  `${JSON.stringify(
    {
      running: status.routedBy !== undefined,
      process: status.routedBy ?? null,
      ipv4: familyJson(status[4]),
      ipv6: familyJson(status[6]),
      announced: status.announced,
      routesReceived: receivedBy(status),
      journal: status.journal,
    },
    null,
    2,
  )}\n`;

const familyJson = (status: FamilyStatus) =>
  typeof status === 'string'
    ? { bird: status, peers: [] }
    : { bird: 'running', peers: status.map(({ family: _, ...peer }) => peer) };
