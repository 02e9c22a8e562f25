import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hasApt, librariesOf, unpackedPackage } from './debian.ts';
import { CACHE, inWorkFolder, settle } from './places.ts';

const LIBRARIES = ['libiperf0', 'libsctp1'];
const PLACE = join(CACHE, 'iperf3');

/** Debian's iperf3, which measures throughput, with a wrapper script that finds its libraries. */
export async function findIperf3(): Promise<string> {
  if (!existsSync(PLACE)) await fromDebian();
  return join(PLACE, 'iperf3');
}

async function fromDebian(): Promise<void> {
  if (!(await hasApt())) throw new Error('This requires apt-get and dpkg-deb, as on Debian and Ubuntu');
  const program = join(await unpackedPackage('iperf3'), 'usr/bin/iperf3');
  const folders: string[] = [];
  for (const name of LIBRARIES) folders.push(librariesOf(await unpackedPackage(name)));
  await inWorkFolder(async (work) => {
    const here = (path: string) => `$(dirname "$0")/${relative(PLACE, path)}`;
    const script = `#!/bin/sh\nLD_LIBRARY_PATH="${folders.map(here).join(':')}" exec "${here(program)}" "$@"\n`;
    writeFileSync(join(work, 'iperf3'), script, { mode: 0o755 });
    settle(work, PLACE);
  });
}
