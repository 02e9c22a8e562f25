import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasApt, librariesOf, unpackedPackage } from './debian.ts';
import { isExecutable, onPath } from './on-path.ts';
import { say } from './say.ts';
import type { Tools } from './tools.ts';

const PROGRAMS = ['containerd', 'ctr', 'runc', 'containerd-shim-runc-v2'];

/** containerd with what it calls, and busybox for its containers: this machine's, else Debian's; undefined where they cannot be had. */
export async function findContainerd(): Promise<Tools['containerd']> {
  try {
    return await find();
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}: the tests on containerd are skipped`);
    return undefined;
  }
}

async function find(): Promise<Tools['containerd']> {
  const there = PROGRAMS.map(onPath);
  const here = onPath('busybox');
  if (!(await hasApt())) throw new Error('No apt-get');
  const busybox = here ?? (await busyboxOfDebian());
  if (there.every((program) => program !== undefined)) {
    return { path: [...new Set(there.map((program) => dirname(program ?? '')))].join(':'), libraries: '', busybox };
  }
  const [containerd, runc] = [await unpackedPackage('containerd'), await unpackedPackage('runc')];
  const libraries = librariesOf(await unpackedPackage('libseccomp2'));
  const path = [join(containerd, 'usr/bin'), join(runc, 'usr/sbin'), join(runc, 'usr/bin')].filter((folder) =>
    existsSync(folder),
  );
  return { path: path.join(':'), libraries, busybox };
}

async function busyboxOfDebian(): Promise<string> {
  const root = await unpackedPackage('busybox-static');
  return ['bin/busybox', 'usr/bin/busybox'].map((path) => join(root, path)).find(isExecutable) ?? '';
}
