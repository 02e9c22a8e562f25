import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { tools } from '../../../build/tools.ts';
import type { Host } from '../host/host.ts';

/** What differs between runs, and the name that stands for it in a story. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID'],
  [/\b[0-9a-f]{32}\b {24}/g, `GUID${' '.repeat(52)}`],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME'],
  [/(resourceVersion"?: )"\d+"/g, '$1"N"'],
];

const ETCD: Readonly<Record<string, string>> = { ETCD_ENDPOINTS: 'http://127.0.0.1:2379' };

/**
 * Runs the commands of a story: a file in which each line that begins with `$ ` is a shell command, followed by its output.
 * Returns the story as it happened. It runs in its own working folder, with our executables in PATH and etcd at its usual port
 * unless `datastore` names another. A status other than 0 is appended.
 */
export async function retell(host: Host, path: string, datastore = ETCD): Promise<string> {
  const folder = dirname(resolve(path));
  const env = { PATH: `${tools().bin}:/usr/sbin:/usr/bin:/sbin:/bin`, ...datastore };
  const shown: string[] = [];
  for (const [, command = ''] of readFileSync(path, 'utf8').matchAll(/^\$ (.*)$/gm)) {
    const { exit, stdout, stderr } = await host.run('sh', ['-c', `cd ${folder}; ${command}`], { env });
    const status = exit === 0 ? '' : `[status ${exit}]\n`;
    shown.push(
      `$ ${command}\n${VARYING.reduce((text, [what, name]) => text.replace(what, name), stdout + stderr)}${status}`,
    );
  }
  return shown.join('\n');
}
