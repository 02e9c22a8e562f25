import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test as plain } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Host, type Ran, startHost } from '../host/host.ts';

/** One file of a node. */
interface NodeFile {
  readonly mode: number;
  readonly inode: number;
  readonly size: number;
  readonly sum: string;
  readonly changed: number;
}

/** A node's file system below a folder of a test machine, and calico-install to run on it. */
export interface Node {
  readonly host: Host;
  /** Its path on the machine: --root. */
  readonly root: string;
  install(args?: readonly string[], env?: Readonly<Record<string, string>>, killAfter?: number): Promise<Ran>;
  /** The path of a file of the node for the test. */
  file(path: string): string;
  text(path: string): string;
  put(path: string, text: string): void;
  /** Every file, by its path on the node. */
  files(): Readonly<Record<string, NodeFile>>;
}

const ROOT = '/run/calico-test/node';
/** The endpoints of etcd, which a network configuration needs. */
export const ETCD = { ETCD_ENDPOINTS: 'http://10.0.0.1:2379' };
export const BIN = '/opt/cni/bin';
export const NET = '/etc/cni/net.d';

function nodeOn(host: Host): Node {
  const file = (path: string) => host.file(ROOT + path);
  const put = (path: string, text: string) => {
    mkdirSync(dirname(file(path)), { recursive: true });
    writeFileSync(file(path), text);
  };
  mkdirSync(file(''), { recursive: true });
  return {
    host,
    root: ROOT,
    install: (args = [], env = ETCD, killAfter) =>
      host.run(`${tools().bin}/calico-install`, ['--root', ROOT, ...args], {
        env,
        ...(killAfter === undefined ? {} : { killAfter }),
      }),
    file,
    text: (path) => readFileSync(file(path), 'utf8'),
    put,
    files: () => filesBelow(file('')),
  };
}

/** Every file below a folder, by its relative path. A file with several names is read once. */
function filesBelow(folder: string): Readonly<Record<string, NodeFile>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  const sums = new Map<number, string>();
  const look = (path: string): NodeFile => {
    const { mode, ino, size, mtimeMs } = lstatSync(path);
    const sum = sums.get(ino) ?? sumOf(path);
    sums.set(ino, sum);
    return { mode: mode & 0o7777, inode: ino, size, sum, changed: mtimeMs };
  };
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), look(path)]));
}

/** SHA-256 of a file. */
export const sumOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** vitest's test with its own node. */
export const test = plain.extend<{ node: Node }>({
  node: async ({ task: _ }, use) => {
    const host = await startHost();
    try {
      await use(nodeOn(host));
    } finally {
      await host.stop();
    }
  },
});
