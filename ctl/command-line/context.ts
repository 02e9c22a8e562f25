import { isatty } from 'node:tty';
import { openDatastore, openKubernetesTarget } from '../../shared/call/open-datastore.ts';
import type { Datastore, Scan } from '../../shared/datastore/datastore.ts';
import { openScan } from '../../shared/etcd/scan.ts';
import { openScan as openKubernetesScan } from '../../shared/kubernetes-datastore/scan.ts';
import { DEFAULT_LOG, type Log, openLog, silent } from '../../shared/log/log.ts';
import type { World } from '../../shared/system/world.ts';
import type { Args } from './command.ts';
import { readConfig, type Target } from './config.ts';
import { askOnTerminal } from './question.ts';

/** What a command works with. */
export interface Context {
  readonly world: World;
  /** How the datastore is reached; read from file or environment when first asked for. */
  readonly target: Target;
  /** Opened when first asked for; closed by main. */
  readonly store: Datastore;
  readonly log: Log;
  /** Opens a scan for lists of any size; the caller closes it. */
  openScan(): Scan;
  /** `World.elapsed()` by which an operation that begins now must have ended. */
  readonly deadline: number;
  /** Whether standard output is a terminal: only then are there colours. */
  readonly isTerminal: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Shows how far a long work is, on a terminal's last line; '' takes it away. Nothing where stderr is no terminal. */
  progress(text: string): void;
  /** Asks on standard error; true for an answer that begins with y. */
  confirm(question: string): boolean;
}

/** How long a single operation may take. */
const LIMIT_MS = 60_000;

/** A command's context, and how to close it. */
export function openContext(world: World, args: Args): { readonly context: Context; close(): void } {
  const level = args.text('log-level') ?? 'none';
  const log = level === 'none' ? silent : openLog(world, { ...DEFAULT_LOG, level }, 'calicoctl');
  let target: Target | undefined;
  let opened: Opened | undefined;
  const open = (): Opened => {
    opened ??= openTarget(context.target, world, log);
    return opened;
  };
  const context: Context = {
    world,
    log,
    get target() {
      target ??= readConfig(args.text('config') ?? '', world.env);
      return target;
    },
    get store() {
      return open().store;
    },
    get deadline() {
      return world.elapsed() + LIMIT_MS;
    },
    openScan: () => open().openScan(),
    isTerminal: isatty(1),
    out: world.stdout,
    err: world.stderr,
    progress: isatty(2) ? (text) => world.stderr(`\r\x1b[K${text}`) : () => {},
    confirm: (question) => askOnTerminal(world, question),
  };
  return { context, close: () => opened?.store.close() };
}

/** A datastore, and how its long lists are read. */
interface Opened {
  readonly store: Datastore;
  openScan(): Scan;
}

function openTarget(target: Target, world: World, log: Log): Opened {
  if (target.type === 'kubernetes') {
    const { store } = openKubernetesTarget(target.kubernetes, world, log);
    return { store, openScan: () => openKubernetesScan(store.scanReading, world) };
  }
  return { store: openDatastore(target.etcd, world, log).store, openScan: () => openScan(target.etcd, world, log) };
}
