import { platform } from '#platform';
import { programPath } from '../../shared/system/exec.ts';
import { baseOf, folderOf } from '../../shared/system/file-name.ts';

/** The path that this program was started by: its name decides what it is, so the file that a link leads to will not do. */
export function ownExecutable(): string {
  const [given = 'calicoctl'] = platform.argv;
  if (!given.includes('/')) return programPath(given);
  const folder = platform.realpath(folderOf(given));
  return `${folder === '/' ? '' : folder}/${baseOf(given)}`;
}
