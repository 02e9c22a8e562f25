import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findBusybox } from './busybox.ts';
import { hasApt, librariesOf, unpackedPackage } from './debian.ts';
import { reasonOf, say } from './say.ts';
import type { Tools } from './tools.ts';

/** Debian's containerd with the programs it calls, and busybox for its containers. Undefined if unavailable. */
export async function findContainerd(): Promise<Tools['containerd']> {
  try {
    return await find();
  } catch (error) {
    say(`${reasonOf(error)}: the tests with containerd are skipped`);
    return undefined;
  }
}

async function find(): Promise<Tools['containerd']> {
  if (!(await hasApt())) throw new Error('No apt-get');
  const busybox = await findBusybox();
  const [containerd, runc] = [await unpackedPackage('containerd'), await unpackedPackage('runc')];
  const libraries = librariesOf(await unpackedPackage('libseccomp2'));
  const path = [join(containerd, 'usr/bin'), join(runc, 'usr/sbin'), join(runc, 'usr/bin')].filter((folder) =>
    existsSync(folder),
  );
  return { path: path.join(':'), libraries, busybox };
}
