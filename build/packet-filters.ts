import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hasApt, librariesOf, unpackedPackage } from './debian.ts';
import { CACHE, inWorkFolder, settle } from './places.ts';

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

/** Scripts that run the unpacked programs with their own libraries. */
async function fromDebian(): Promise<void> {
  if (!(await hasApt())) throw new Error('This requires apt-get and dpkg-deb, as on Debian and Ubuntu');
  const iptables = await unpackedPackage('iptables');
  const folders: string[] = [];
  for (const name of LIBRARIES) folders.push(librariesOf(await unpackedPackage(name)));
  const here = (path: string) => `$(dirname "$0")/${relative(PLACE, path)}`;
  await inWorkFolder(async (work) => {
    for (const [name, { package: from, file }] of Object.entries(PROGRAMS)) {
      const program = join(await unpackedPackage(from), 'usr/sbin', file);
      const script = `#!/bin/sh
export LD_LIBRARY_PATH="${folders.map(here).join(':')}" XTABLES_LIBDIR="${here(join(librariesOf(iptables), 'xtables'))}"
exec "${here(program)}" ${name === 'nft' ? '' : name} "$@"
`;
      writeFileSync(join(work, name), script, { mode: 0o755 });
    }
    settle(work, PLACE);
  });
}
