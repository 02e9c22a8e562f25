import { failure } from '../../shared/error/failure.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Named } from '../resource/resource.ts';

/** What the command line says about namespaces. */
export interface Where {
  readonly namespace: string | undefined;
  readonly everywhere: boolean;
}

/**
 * A resource's name with its namespace: its own, or the command line's, or `default`; '' means all. Throws in the original's words.
 */
export function placed(kind: Kind, named: Named, where: Where): Named {
  const { name } = named;
  // `namespace:` without a value is null.
  const namespace = named.namespace ?? '';
  if (kind.namespaced) return { name, namespace: namespaceOf({ name, namespace }, where) };
  if (namespace !== '') {
    const rule = 'namespace should not be specified for a non-namespaced resource';
    throw failure(`${rule}. ${kind.name} is not a namespaced resource`);
  }
  if (where.everywhere || where.namespace) throw failure(`${kind.name} is not namespaced`);
  return { name };
}

function namespaceOf({ name, namespace = '' }: Named, { namespace: asked = '', everywhere }: Where): string {
  if (everywhere && asked !== '') {
    throw failure('cannot use both --namespace and --all-namespaces flags at the same time');
  }
  if (everywhere && name !== '') throw failure('cannot use --all-namespace flag for getting a single resource');
  if (everywhere) return '';
  if (namespace !== '' && asked !== '' && namespace !== asked) {
    throw failure(`resource namespace does not match client namespace. ${namespace} != ${asked}`);
  }
  return namespace || asked || 'default';
}
