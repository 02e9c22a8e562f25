import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { isExecutable, SYSTEM_FOLDERS } from './on-path.ts';

/** Where distributions and Kubernetes put CNI plugins. */
const PLUGIN_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];
/**
 * Programs that tests use in their own version, from .cache, and that a plugin or a runtime would also find on PATH.
 */
const PROGRAMS = ['iptables', 'ip6tables', 'nft', 'etcd', 'etcdctl', 'containerd', 'ctr', 'runc', 'cnitool'];

/** Hides the machine's installed versions in this mount namespace, so that they do not affect any test. */
export function hideInstalled(): void {
  for (const folder of PLUGIN_FOLDERS.filter((each) => existsSync(each))) mount('-t', 'tmpfs', 'tmpfs', folder);
  const paths = SYSTEM_FOLDERS.flatMap((folder) => PROGRAMS.map((name) => join(folder, name))).filter(isExecutable);
  // Several names may point to one file.
  for (const path of new Set(paths.map((each) => realpathSync(each)))) mount('--bind', '/dev/null', path);
}

const mount = (...args: readonly string[]) => void execaSync('mount', args);
