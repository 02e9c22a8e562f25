import type { Family } from '../../shared/net/address.ts';
import type { Netlink } from '../../shared/netlink/socket.ts';
import { bringDevices } from './devices.ts';
import { type Entries, type EntriesFound, type Indices, sortOut, wantedEntries } from './entries.ts';
import { type Changed, changeEntries, listEntries, removeRoutes } from './kernel-entries.ts';
import type { TunnelPlan } from './plan.ts';

/** One family's tunnels in the kernel. */
export interface FamilyTunnels {
  /** Makes them as planned. Only now and then, and when asked to, does it read what the kernel has. */
  bring(kernel: Netlink, plan: TunnelPlan, isReread: boolean): readonly string[];
  /** The interfaces that its routes lead over; undefined as long as there are no tunnels. */
  indices(): Indices | undefined;
  /** What keeps them from working. */
  problem(): string | undefined;
}

/** What is in the kernel, as far as this program knows. */
interface Known {
  readonly plan: TunnelPlan;
  readonly indices: Indices;
  readonly present: Entries;
}

export function familyTunnels(family: Family): FamilyTunnels {
  let known: Known | undefined;
  let problems: readonly string[] = [];
  let refused: readonly string[] = [];
  const told = new Set<string>();
  /** One attempt to make the entries as planned, from what is known of the kernel, or else from what it has. */
  const attempt = (kernel: Netlink, plan: TunnelPlan, indices: Indices): readonly string[] => {
    const wanted = wantedEntries(plan, indices);
    const { ours, obstacles, foreign }: EntriesFound =
      known === undefined
        ? sortOut(listEntries(kernel, family, indices), wanted, indices)
        : { ours: known.present, obstacles: [], foreign: [] };
    const beside = obstacles.filter(({ dst }) => ours.routes.has(dst));
    removeRoutes(kernel, beside);
    const changed = changeEntries(kernel, family, indices, { present: ours, wanted, obstacles });
    known = changed.refused.length === 0 ? { plan, indices, present: ours } : undefined;
    refused = changed.refused;
    return [...linesOf(family, changed), ...notTold(told, foreign)];
  };
  const bring = (kernel: Netlink, plan: TunnelPlan, isReread: boolean): readonly string[] => {
    const devices = bringDevices(kernel, plan);
    const { indices } = devices;
    problems = devices.problems;
    // Whatever has changed a device may have removed routes over it.
    if (isReread || devices.lines.length > 0 || !isSame(known?.indices, indices)) known = undefined;
    if (known?.plan === plan) return devices.lines;
    const wasKnown = known !== undefined;
    const lines = attempt(kernel, plan, indices);
    // What is in the way is known only once it has been read: BIRD's routes from before the pool had a tunnel.
    const again = wasKnown && refused.length > 0 ? attempt(kernel, plan, indices) : [];
    return [...devices.lines, ...lines, ...again];
  };
  return { bring, indices: () => known?.indices, problem: () => [...problems, ...refusedWords(refused)][0] };
}

const isSame = (one: Indices | undefined, other: Indices): boolean =>
  one?.vxlan === other.vxlan && one.ipip === other.ipip && one.parent === other.parent;

const FEW = 4;

const listed = (words: readonly string[]): string =>
  words.length <= FEW ? words.join(', ') : `${words.slice(0, FEW - 1).join(', ')} and ${words.length - FEW + 1} more`;

const refusedWords = (refused: readonly string[]): readonly string[] =>
  refused.length === 0 ? [] : [`the kernel refused ${listed(refused)}`];

const linesOf = (family: Family, { set, removed, machines }: Changed): readonly string[] => [
  ...(machines === 0
    ? []
    : [`IPv${family}: told the device of ${machines} ${machines === 1 ? 'machine' : 'machines'}`]),
  ...(set.length === 0 ? [] : [`IPv${family}: set ${listed(set)}`]),
  ...(removed.length === 0 ? [] : [`IPv${family}: removed ${listed(removed)}`]),
];

/** A line for each entry of others that has not had one. */
function notTold(told: Set<string>, foreign: readonly string[]): readonly string[] {
  const news = foreign.filter((words) => !told.has(words));
  for (const words of news) told.add(words);
  return news.map((words) => `${words} is not ours, and is left as it is`);
}
