import { parseAddress } from '../../shared/net/address.ts';

/** A BGP session as `calicoctl node status` shows it. */
export interface PeerStatus {
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number | undefined;
  /** `node-to-node mesh`, `node specific` or `global`. */
  readonly type: string;
  readonly state: string;
  readonly since: string;
  /** BGP's state, and why it is not established. */
  readonly info: string;
  /** How many routes it has told. */
  readonly received: number;
}

const TYPES: Readonly<Record<string, string>> = {
  Mesh: 'node-to-node mesh',
  Node: 'node specific',
  Global: 'global',
};
const NAME = /^(Mesh|Node|Global)_([0-9a-f_]+?)(?:_port_(\d+))?$/;
const RECEIVED = /^\s+Routes:\s+(\d+) imported/;

/** The sessions in what BIRD answers to `show protocols all`: those that are named as calico/node and we name them. */
export const peersIn = (lines: readonly string[]): readonly PeerStatus[] =>
  sectionsOf(lines).flatMap(([line = '', ...details]) => peerIn(line, receivedIn(details)) ?? []);

/** Each protocol has a line of the table, and indented ones with its details. */
function sectionsOf(lines: readonly string[]): readonly (readonly string[])[] {
  const sections: string[][] = [];
  for (const line of lines.filter((each) => each.trim() !== '')) {
    if (line.startsWith(' ')) sections.at(-1)?.push(line);
    else sections.push([line]);
  }
  return sections;
}

const receivedIn = (details: readonly string[]): number =>
  details.reduce((sum, line) => sum + Number(RECEIVED.exec(line)?.[1] ?? 0), 0);

/** A line of the table: name, protocol, table, state, since, and the rest. */
function peerIn(line: string, received: number): PeerStatus | undefined {
  const [name = '', protocol, , state = '', since = '', ...info] = line.trim().split(/\s+/);
  const [, origin = '', digits = '', port] = NAME.exec(name) ?? [];
  const type = TYPES[origin];
  const address = parseAddress(digits.replaceAll('_', '.')) ?? parseAddress(digits.replaceAll('_', ':'));
  if (protocol !== 'BGP' || type === undefined || address === undefined || info.length === 0) return undefined;
  return {
    family: address.family,
    address: address.text,
    port: port === undefined ? undefined : Number(port),
    type,
    state,
    // BIRD 2 has milliseconds.
    since: since.replace(/\.\d+$/, ''),
    info: info.join(' '),
    received,
  };
}

/** The networks in what BIRD answers to `show route where source = RTS_STATIC` that it announces: own blocks, and services. */
export const announcedIn = (lines: readonly string[]): readonly string[] => [
  ...new Set(lines.map((line) => /^\s*(\S+\/\d+)\s+blackhole\s/.exec(line)?.[1]).filter((net) => net !== undefined)),
];
