import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasApt, librariesOf, unpackedPackage } from './debian.ts';
import { writeScripts } from './own-libraries.ts';
import { CACHE } from './places.ts';

const LIBRARIES = ['libiperf0', 'libsctp1'];
const PLACE = join(CACHE, 'iperf3');

/** Debian's iperf3, which measures throughput, with a wrapper script that finds its libraries. */
export async function findIperf3(): Promise<string> {
  if (!existsSync(PLACE)) await fromDebian();
  return join(PLACE, 'iperf3');
}

async function fromDebian(): Promise<void> {
  if (!(await hasApt())) throw new Error('This requires apt-get and dpkg-deb, as on Debian and Ubuntu');
  const path = join(await unpackedPackage('iperf3'), 'usr/bin/iperf3');
  const libraries: string[] = [];
  for (const name of LIBRARIES) libraries.push(librariesOf(await unpackedPackage(name)));
  await writeScripts(PLACE, { iperf3: { path, libraries } });
}
