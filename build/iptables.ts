import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hasApt, librariesOf, unpackedPackage } from './debian.ts';
import { CACHE, inWorkFolder, settle } from './places.ts';
import { reasonOf, say } from './say.ts';

const NAMES = ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-save`, `${name}-restore`]);
const LIBRARIES = ['libip4tc2', 'libip6tc2', 'libxtables12', 'libnftnl11', 'libmnl0'];
const PLACE = join(CACHE, 'iptables-programs');

/** The directory of Debian's iptables, which the portmap plugin and kube-proxy call. Undefined if unavailable. */
export async function findIptables(): Promise<string | undefined> {
  if (existsSync(PLACE)) return PLACE;
  if (!(await hasApt())) return tellWhy('No apt-get');
  return fromDebian().catch((error) => tellWhy(reasonOf(error)));
}

function tellWhy(reason: string): undefined {
  say(`${reason}: the tests of portmap are skipped`);
}

/** Scripts that run the unpacked program with its own libraries. */
async function fromDebian(): Promise<string> {
  const program = join(await unpackedPackage('iptables'), 'usr/sbin/xtables-nft-multi');
  const folders: string[] = [];
  for (const name of ['iptables', ...LIBRARIES]) folders.push(await librariesOf(await unpackedPackage(name)));
  return inWorkFolder(async (work) => {
    const here = (path: string) => `$(dirname "$0")/${relative(PLACE, path)}`;
    for (const name of NAMES) {
      const script = `#!/bin/sh
export LD_LIBRARY_PATH="${folders.map(here).join(':')}" XTABLES_LIBDIR="${here(join(folders[0] ?? '', 'xtables'))}"
exec "${here(program)}" ${name} "$@"
`;
      writeFileSync(join(work, name), script, { mode: 0o755 });
    }
    settle(work, PLACE);
    return PLACE;
  });
}
