import { platform } from '#platform';
import { openEtcd } from '../../shared/call/open-etcd.ts';
import type { Datastore, Scan } from '../../shared/datastore/datastore.ts';
import type { EtcdConfig } from '../../shared/etcd/config.ts';
import { openScan } from '../../shared/etcd/scan.ts';
import { DEFAULT_LOG, type Log, openLog, silent } from '../../shared/log/log.ts';
import type { World } from '../../shared/system/world.ts';
import type { Args } from './command.ts';
import { readConfig } from './config.ts';
import { askOnTerminal } from './question.ts';

/** What a command works with. */
export interface Context {
  readonly world: World;
  /** How etcd is reached; read from file or environment when first asked for. */
  readonly etcd: EtcdConfig;
  /** Opened when first asked for; closed by main. */
  readonly store: Datastore;
  readonly log: Log;
  /** Opens a connection of its own for lists of any size; the caller closes it. */
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
  let etcd: EtcdConfig | undefined;
  let store: Datastore | undefined;
  const context: Context = {
    world,
    log,
    get etcd() {
      etcd ??= readConfig(args.text('config') ?? '', world.env);
      return etcd;
    },
    get store() {
      store ??= openEtcd(this.etcd, world, log).store;
      return store;
    },
    get deadline() {
      return world.elapsed() + LIMIT_MS;
    },
    openScan() {
      return openScan(this.etcd, world, log);
    },
    isTerminal: platform.isTerminal(1),
    out: world.stdout,
    err: world.stderr,
    progress: platform.isTerminal(2) ? (text) => world.stderr(`\r\x1b[K${text}`) : () => {},
    confirm: (question) => askOnTerminal(world, question),
  };
  return { context, close: () => store?.close() };
}
