import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inWorkFolder, settle } from './places.ts';

/** An unpacked program that needs libraries of its own. */
export interface UnpackedProgram {
  readonly path: string;
  readonly libraries: readonly string[];
  /** Of iptables: the folder of its extensions, and the name by which the one executable knows which program it is. */
  readonly iptables?: { readonly extensions: string; readonly name: string };
}

/** Makes a directory of scripts, by their names, that run programs with their own libraries. They stay right if .cache is moved. */
export async function writeScripts(place: string, programs: Readonly<Record<string, UnpackedProgram>>): Promise<void> {
  await inWorkFolder(async (work) => {
    for (const [name, program] of Object.entries(programs)) {
      writeFileSync(join(work, name), scriptText(place, program), { mode: 0o755 });
    }
    settle(work, place);
  });
}

export function scriptText(place: string, { path, libraries, iptables }: UnpackedProgram): string {
  const here = (target: string) => `$(dirname "$0")/${relative(place, target)}`;
  const found = `LD_LIBRARY_PATH="${libraries.map(here).join(':')}"`;
  if (iptables === undefined) return `#!/bin/sh\n${found} exec "${here(path)}" "$@"\n`;
  return `#!/bin/sh
export ${found} XTABLES_LIBDIR="${here(iptables.extensions)}"
exec "${here(path)}" ${iptables.name} "$@"
`;
}
