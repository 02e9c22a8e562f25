import { existsSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { unpackedPackage } from './debian.ts';
import { isExecutable } from './on-path.ts';
import { CACHE, inWorkFolder, settle } from './places.ts';

/** Debian's busybox: one file without dependencies. */
export async function findBusybox(): Promise<string> {
  const root = await unpackedPackage('busybox-static');
  return ['bin/busybox', 'usr/bin/busybox'].map((path) => join(root, path)).find(isExecutable) ?? '';
}

/** Its ping: busybox acts as the program whose name it is called by. */
export async function findPing(): Promise<string> {
  const busybox = await findBusybox();
  const place = join(CACHE, 'applets/ping');
  if (!existsSync(place)) {
    await inWorkFolder(async (folder) => {
      symlinkSync(relative(dirname(place), busybox), join(folder, 'ping'));
      settle(join(folder, 'ping'), place);
    });
  }
  return place;
}
