import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasApt, librariesOf, unpackedPackage } from './debian.ts';
import { writeScripts } from './own-libraries.ts';
import { CACHE } from './places.ts';
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

async function fromDebian(): Promise<string> {
  const path = join(await unpackedPackage('iptables'), 'usr/sbin/xtables-nft-multi');
  const own = librariesOf(await unpackedPackage('iptables'));
  const libraries = [own];
  for (const name of LIBRARIES) libraries.push(librariesOf(await unpackedPackage(name)));
  const extensions = join(own, 'xtables');
  const scripts = NAMES.map((name) => [name, { path, libraries, iptables: { extensions, name } }]);
  await writeScripts(PLACE, Object.fromEntries(scripts));
  return PLACE;
}
