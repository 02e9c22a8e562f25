import { baseOf, folderOf } from '../../shared/system/file-name.ts';
import { marksOf } from '../watch/marks.ts';
import { ACCOUNT } from './pod-account.ts';
import type { Settings } from './settings.ts';
import type { InstallPlan } from './steps.ts';

/** Files that an installation is made from; the folder of configurations, because runtimes take the first in it. */
export const sources = ({ tlsAssets, templateFile, netFolder }: Settings): readonly string[] => [
  ...['etcd-ca', 'etcd-cert', 'etcd-key'].map((name) => `${tlsAssets}/${name}`),
  ...['token', 'ca.crt'].map((name) => `${ACCOUNT}/${name}`),
  ...(templateFile === '' ? [] : [templateFile]),
  netFolder,
];

/** What an installation has put where, or left there. */
const places = ({ steps }: InstallPlan): readonly string[] =>
  steps.map(({ path }) => path).filter((path) => !baseOf(path).startsWith('.'));

/**
 * How everything looks after a pass. What it has not changed itself is as it was `before` the pass looked at it, so that a change
 * in between is seen by the next.
 */
export function marksAfter(
  before: Readonly<Record<string, string>>,
  plan: InstallPlan,
  changed: readonly string[],
): Readonly<Record<string, string>> {
  const isChanged = (path: string) => changed.includes(path) || changed.some((each) => folderOf(each) === path);
  const paths = [...new Set([...Object.keys(before), ...places(plan)])];
  const marks = marksOf(paths.filter((path) => before[path] === undefined || isChanged(path)));
  return { ...before, ...marks };
}
