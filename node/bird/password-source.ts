import type { Context } from '../../ctl/command-line/context.ts';
import { fromBase64 } from '../../shared/bytes/text.ts';
import { asObject } from '../../shared/calico/stored.ts';
import { type KubernetesTarget, openKubernetesTarget } from '../../shared/call/open-kubernetes.ts';
import { openKubernetes } from '../../shared/kubernetes/client.ts';
import { silent } from '../../shared/log/log.ts';
import { readText } from '../../shared/system/files.ts';
import type { World } from '../../shared/system/world.ts';
import type { SecretRef } from '../bgp/secret-ref.ts';
import type { PasswordSource } from './passwords.ts';

/** Where passwords are on a machine whose data is in etcd: a file for each key, in a folder for each secret. */
export const PASSWORD_FOLDER = '/etc/calico/bgp-passwords';
/** As the original: calico-node's namespace. */
const DEFAULT_NAMESPACE = 'kube-system';
const LIMIT_MS = 5_000;
/** What Kubernetes takes as the name of a secret and of a key in it. */
const NAME = /^(?!\.\.?$)[\w.-]{1,253}$/;

/** Reads the passwords of BGP sessions: with the Kubernetes datastore from Secrets, with etcd from files. */
export const passwordSource =
  (context: Pick<Context, 'target' | 'world'>): PasswordSource =>
  async (ref) => {
    if (!NAME.test(ref.name) || !NAME.test(ref.key)) return undefined;
    try {
      const { target, world } = context;
      return target.type === 'kubernetes' ? await fromSecret(target.kubernetes, world, ref) : fromFile(ref);
    } catch {
      // Whatever the reason: it is told that the password cannot be read.
      return undefined;
    }
  };

/** Files end with a line break that is not part of the password. */
const fromFile = ({ name, key }: SecretRef): string =>
  readText(`${PASSWORD_FOLDER}/${name}/${key}`).replace(/\r?\n$/, '');

async function fromSecret(
  target: KubernetesTarget,
  world: World,
  { name, key }: SecretRef,
): Promise<string | undefined> {
  const { api, store } = openKubernetesTarget(target, world, silent);
  try {
    const client = openKubernetes({ conf: target.conf, world, log: silent, deadline: world.elapsed() + LIMIT_MS, api });
    const namespace = world.env['NAMESPACE'] || DEFAULT_NAMESPACE;
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    const found = await client.find(path, { verb: 'get', resource: 'secrets', name: `${namespace}/${name}` });
    const data = typeof found === 'object' ? asObject(asObject(found.body)?.['data'])?.[key] : undefined;
    return typeof data === 'string' ? fromBase64(data) : undefined;
  } finally {
    store.close();
  }
}
