/** What unit tests use of node:path. */
export { baseOf as basename, folderOf as dirname } from '../../../shared/system/file-name.ts';

export function normalize(path: string): string {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${kept.join('/')}`;
}

export const join = (...parts: readonly string[]): string => normalize(parts.filter((part) => part !== '').join('/'));

export function relative(from: string, to: string): string {
  const [one, other] = [normalize(from).split('/'), normalize(to).split('/')];
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  return [...one.slice(same).map(() => '..'), ...other.slice(same)].join('/');
}
