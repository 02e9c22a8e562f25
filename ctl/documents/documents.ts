import { failure } from '../../shared/error/failure.ts';
import { readMetadata } from '../change/metadata.ts';
import type { Kind } from '../kinds/kind.ts';
import { kindNamed } from '../kinds/kinds.ts';
import { refuseFaults } from '../resource/fault.ts';
import { type AnyResource, API_VERSION } from '../resource/resource.ts';
import { objectOf, textOf } from '../resource/shape.ts';
import { inVersion3 } from './version-1.ts';

/** A resource as given, with its kind. */
export interface Given {
  readonly kind: Kind;
  readonly resource: AnyResource;
}

/**
 * The resources in a file's documents. A document may be a resource, a list of a kind (`IPPoolList`), or an array. Throws for
 * anything else.
 */
export function resourcesOf(documents: readonly unknown[]): readonly Given[] {
  return documents.flatMap((document) => {
    if (Array.isArray(document)) return resourcesOf(document);
    const { kind, apiVersion, items } = objectOf(document) ?? {};
    if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
      const item = kind === 'List' ? {} : { kind: kind.replace(/List$/, ''), apiVersion };
      return resourcesOf(items.map((each) => ({ ...item, ...objectOf(each) })));
    }
    return [resourceOf(document)];
  });
}

function resourceOf(document: unknown): Given {
  const fields = objectOf(document);
  if (fields === undefined) throw failure('a resource must be an object with apiVersion, kind, metadata and spec');
  const [name, apiVersion] = [textOf(fields['kind']), textOf(fields['apiVersion'])];
  const unknown = `Unknown resource type (${name}) and/or version (${apiVersion})`;
  if (apiVersion === 'v1') throw failure(unknown, inVersion3(fields));
  if (apiVersion !== API_VERSION) throw failure(unknown, `write apiVersion: ${API_VERSION}`);
  const kind = kindNamed(name);
  if (kind === undefined) throw failure(unknown, 'calicoctl get --help lists the kinds');
  // Names are checked first: they become part of keys.
  const { metadata, faults } = readMetadata(fields['metadata']);
  refuseFaults(faults);
  return { kind, resource: { ...fields, metadata } as unknown as AnyResource };
}
