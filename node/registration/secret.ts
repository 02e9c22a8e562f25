import type { Context } from '../../ctl/command-line/context.ts';
import { fromBase64 } from '../../shared/bytes/text.ts';
import { asObject } from '../../shared/calico/stored.ts';
import { fileContent } from '../../shared/call/node-name.ts';
import { openKubernetesTarget } from '../../shared/call/open-kubernetes.ts';

/** A key of a secret, as BGPPeer and BGPConfiguration name one. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** Where secrets lie as files, as a pod mounts them: a folder for each, with a file for each key. */
const FOLDER = '/etc/calico/secrets';
/** calico/node's own namespace, unless a variable says otherwise. */
const NAMESPACE = 'kube-system';
const WITHIN_MS = 5_000;
/** What names a secret or its key. */
const PLAIN = /^\w[\w.-]*$/;

/** Reads a key: from a file, otherwise from the Secret in Kubernetes. Undefined when it cannot be read. */
export async function readSecret(context: Context, { name, key }: SecretKey): Promise<string | undefined> {
  if (!PLAIN.test(name) || !PLAIN.test(key)) return undefined;
  try {
    return fileContent(`${FOLDER}/${name}/${key}`) || (await readObject(context, name, key));
  } catch {
    // Who asks says which password is missing.
    return undefined;
  }
}

async function readObject({ target, world, log }: Context, name: string, key: string): Promise<string | undefined> {
  if (target.type !== 'kubernetes') return undefined;
  const { api, store } = openKubernetesTarget(target.kubernetes, world, log);
  try {
    const namespace = world.env['NAMESPACE'] || NAMESPACE;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
    const { status, body } = await api.ask({ path, body: undefined }, world.elapsed() + WITHIN_MS);
    const text = status === 200 ? asObject(asObject(JSON.parse(body))?.['data'])?.[key] : undefined;
    return typeof text === 'string' ? fromBase64(text) : undefined;
  } finally {
    store.close();
  }
}
