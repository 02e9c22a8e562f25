import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasApt, librariesOf, unpackedPackage } from './debian.ts';
import { type UnpackedProgram, writeScripts } from './own-libraries.ts';
import { CACHE } from './places.ts';

/** Debian's programs for packet filters: nft, and iptables over nf_tables and over the older tables. */
const PROGRAMS: Readonly<Record<string, { readonly package: string; readonly file: string }>> = {
  nft: { package: 'nftables', file: 'nft' },
  'iptables-nft': { package: 'iptables', file: 'xtables-nft-multi' },
  'iptables-legacy': { package: 'iptables', file: 'xtables-legacy-multi' },
};
const LIBRARIES = [
  ...['libnftables1', 'libnftnl11', 'libmnl0', 'libjansson4', 'libgmp10', 'libedit2', 'libbsd0', 'libmd0', 'libtinfo6'],
  ...['libip4tc2', 'libip6tc2', 'libxtables12'],
];
const PLACE = join(CACHE, 'packet-filters');

/** The directory of Debian's nft, iptables-nft and iptables-legacy, for tests of what we write into the kernel. */
export async function findPacketFilters(): Promise<string> {
  if (!existsSync(PLACE)) await fromDebian();
  return PLACE;
}

async function fromDebian(): Promise<void> {
  if (!(await hasApt())) throw new Error('This requires apt-get and dpkg-deb, as on Debian and Ubuntu');
  const extensions = join(librariesOf(await unpackedPackage('iptables')), 'xtables');
  const libraries: string[] = [];
  for (const name of LIBRARIES) libraries.push(librariesOf(await unpackedPackage(name)));
  const programs: Record<string, UnpackedProgram> = {};
  for (const [name, { package: from, file }] of Object.entries(PROGRAMS)) {
    const path = join(await unpackedPackage(from), 'usr/sbin', file);
    programs[name] = { path, libraries, iptables: { extensions, name: name === 'nft' ? '' : name } };
  }
  await writeScripts(PLACE, programs);
}
