import { quote } from '../cni/quote.ts';
import { isTooDeep } from '../cni/reader.ts';
import { failure } from '../error/failure.ts';
import { errnoText } from '../system/errno.ts';
import { exists, readText as readFile } from '../system/files.ts';
import type { PartialConfig } from './api-config.ts';
import { type Kubeconfig, readKubeconfig } from './kubeconfig.ts';
import { parsePlainYaml } from './plain-yaml.ts';
import { parseYaml } from './yaml.ts';

/**
 * Reads kubeconfigs for `context`, '' for the current one. Of several files, the first with an entry wins, and missing ones are
 * skipped (as client-go); a single one must exist. Throws a Failure naming the file.
 */
export async function loadKubeconfig(paths: readonly string[], context: string): Promise<PartialConfig> {
  const there = paths.length === 1 ? paths : paths.filter(exists);
  const files: Kubeconfig[] = [];
  for (const path of there) files.push({ json: await parse(readText(path), path), path });
  return readKubeconfig(files, context);
}

/** The same for a kubeconfig's text; `name` stands for its file in messages. */
export const readKubeconfigText = async (text: string, name: string): Promise<PartialConfig> =>
  readKubeconfig([{ json: await parse(text, name), path: name }], '');

/** Most are YAML. JSON and plain YAML need no library. */
async function parse(text: string, path: string): Promise<unknown> {
  try {
    return /^\s*\{/.test(text) ? JSON.parse(text) : (parsePlainYaml(text) ?? (await parseYaml(text)));
  } catch (thrown) {
    throw failure(`error loading config file ${quote(path)}: ${reasonOf(thrown, text)}`);
  }
}

/** The reason and line of a parse error, without the text that parsers quote, which may be a token. */
function reasonOf(thrown: unknown, text: string): string {
  if (isTooDeep(thrown)) return 'nested too deeply';
  const { message = String(thrown), pos } = thrown as { readonly message?: string; readonly pos?: readonly number[] };
  const [reason = ''] = message.replace(/^JSON Parse error: /, '').split(/[:"'`,]/);
  const line = pos?.[0] === undefined ? '' : `line ${text.slice(0, pos[0]).split('\n').length}: `;
  return `${line}${reason.trim()}`;
}

function readText(path: string): string {
  try {
    return readFile(path);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    const why = errnoText(thrown);
    const msg =
      code === 'ENOENT' ? `stat ${path}: ${why}` : `error loading config file ${quote(path)}: open ${path}: ${why}`;
    throw failure(msg, 'check kubernetes.kubeconfig in the network configuration, or KUBECONFIG', thrown);
  }
}
