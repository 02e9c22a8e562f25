import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { isExecutable, SYSTEM_FOLDERS } from './on-path.ts';

/** Where distributions and Kubernetes put CNI plugins. */
const PLUGIN_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];
/** What tests use in a version of their own, under .cache, and a plugin or a runtime would also find on PATH. */
const PROGRAMS = ['iptables', 'ip6tables', 'nft', 'etcd', 'etcdctl', 'containerd', 'ctr', 'runc', 'cnitool'];

/** Hides, in this mount namespace, what the machine has of them: what is installed decides no test. */
export function hideInstalled(): void {
  for (const folder of PLUGIN_FOLDERS.filter((each) => existsSync(each))) mount('-t', 'tmpfs', 'tmpfs', folder);
  const paths = SYSTEM_FOLDERS.flatMap((folder) => PROGRAMS.map((name) => join(folder, name))).filter(isExecutable);
  // Several names may lead to one file.
  for (const path of new Set(paths.map((each) => realpathSync(each)))) mount('--bind', '/dev/null', path);
}

const mount = (...args: readonly string[]) => void execaSync('mount', args);
