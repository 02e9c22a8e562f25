import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Host } from '../host/host.ts';
import { cniPath } from './call.ts';

const FOLDER = '/run/calico-test/bin';

/** Installs a plugin `witness` that keeps what each verb gets, and ends with the shell lines `end`. Returns a CNI_PATH with it. */
export function witness(host: Host, end: string): string {
  mkdirSync(host.file(FOLDER), { recursive: true });
  const file = host.file(`${FOLDER}/witness`);
  writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\ncat > ${FOLDER}/$CNI_COMMAND\n${end}\n`);
  chmodSync(file, 0o755);
  return `${cniPath()}:${FOLDER}`;
}

/** The configuration that a verb got. */
export const witnessed = (host: Host, verb: string): unknown =>
  JSON.parse(readFileSync(host.file(`${FOLDER}/${verb}`), 'utf8'));
