import { platform } from '#platform';
import { openEtcd } from '../../shared/call/open-etcd.ts';
import { openKubernetesTarget } from '../../shared/call/open-kubernetes.ts';
import type { Datastore, Scan } from '../../shared/datastore/datastore.ts';
import type { Feed, WatchedKind } from '../../shared/datastore/watch.ts';
import { openScan } from '../../shared/etcd/scan.ts';
import type { PluginRuns } from '../../shared/kubernetes/exec-plugin.ts';
import { openScan as openKubernetesScan } from '../../shared/kubernetes-datastore/scan.ts';
import { DEFAULT_LOG, type Log, openLog, silent } from '../../shared/log/log.ts';
import type { World } from '../../shared/system/world.ts';
import type { Args } from './command.ts';
import { readConfig, type Target } from './config.ts';
import { attended } from './credential-plugins.ts';
import { askOnTerminal } from './question.ts';

/** What a command gets to work with. */
export interface Context {
  readonly world: World;
  /** How the datastore is reached. Read from file or environment on first use. */
  readonly target: Target;
  /** Opened on first use; closed by main. */
  readonly store: Datastore;
  readonly log: Log;
  /** Opens a scan for lists of any size. The caller closes it. */
  openScan(): Scan;
  /** Opens a feed of all objects of some kinds and of their changes. It reads configuration and credentials again when it connects again. */
  openFeed(kinds: readonly WatchedKind[]): Promise<Feed>;
  /** `World.elapsed()` at which an operation that starts now must have finished. */
  readonly deadline: number;
  /** Whether standard output is a terminal. Only then colours are used. */
  readonly isTerminal: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Shows progress on a terminal's last line; '' removes it. Does nothing if stderr is not a terminal. */
  progress(text: string): void;
  /** Asks on standard error. True if the answer begins with y. */
  confirm(question: string): boolean;
}

/** How long a single operation may take. */
const LIMIT_MS = 60_000;

/** A command's context, and how to close it. */
export function openContext(real: World, args: Args): { readonly context: Context; close(): void } {
  const { world, plugins } = attended(real);
  const level = args.text('log-level') ?? 'none';
  const log = level === 'none' ? silent : openLog(world, { ...DEFAULT_LOG, level }, 'calicoctl');
  let target: Target | undefined;
  let opened: Opened | undefined;
  const open = (): Opened => {
    opened ??= openTarget(context.target, plugins, world, log);
    return opened;
  };
  const readTarget = () => readConfig(args.text('config') ?? '', world.env);
  const context: Context = {
    world,
    log,
    get target() {
      target ??= readTarget();
      return target;
    },
    get store() {
      return open().store;
    },
    get deadline() {
      return world.elapsed() + LIMIT_MS;
    },
    openScan: () => open().openScan(),
    openFeed: (kinds) => openFeed(context.target, readTarget, kinds, world, log),
    isTerminal: platform.isTerminal(1),
    out: world.stdout,
    err: world.stderr,
    progress: platform.isTerminal(2) ? (text) => world.stderr(`\r\x1b[K${text}`) : () => {},
    confirm: (question) => askOnTerminal(world, question),
  };
  return { context, close: () => opened?.store.close() };
}

/** A datastore, and how its long lists are read. */
interface Opened {
  readonly store: Datastore;
  openScan(): Scan;
}

function openTarget(target: Target, plugins: PluginRuns, world: World, log: Log): Opened {
  if (target.type === 'kubernetes') {
    const { store } = openKubernetesTarget({ ...target.kubernetes, plugins }, world, log);
    return { store, openScan: () => openKubernetesScan(store.scanReading, world) };
  }
  return { store: openEtcd(target.etcd, world, log).store, openScan: () => openScan(target.etcd, world, log) };
}

async function openFeed(
  target: Target,
  again: () => Target,
  kinds: readonly WatchedKind[],
  world: World,
  log: Log,
): Promise<Feed> {
  if (target.type === 'kubernetes') {
    const { kubernetesFeed } = await import('../../shared/kubernetes-datastore/feed.ts');
    const open = () => {
      const { store } = openKubernetesTarget(kubernetesIn(again()) ?? target.kubernetes, world, log);
      return { reading: store.scanReading, close: () => store.close() };
    };
    return kubernetesFeed(kinds, open, world);
  }
  const { etcdFeed } = await import('../../shared/etcd/feed.ts');
  return etcdFeed(kinds, () => etcdIn(again()) ?? target.etcd, world, log);
}

const etcdIn = (target: Target) => (target.type === 'etcdv3' ? target.etcd : undefined);
const kubernetesIn = (target: Target) => (target.type === 'kubernetes' ? target.kubernetes : undefined);
