import { PLURALS, type ResourceKind } from '../../shared/calico/resource-kind.ts';
import { blockRef, handleRef, IPAM_CONFIG, type Ref, textOf } from '../../shared/datastore/ref.ts';
import { parseCidr } from '../../shared/net/cidr.ts';

/** The name of an object in a report; `refOfText` reads it. */
export const refText = (ref: Ref): string => (ref.kind === 'unknown' ? `unknown(${ref.at})` : textOf(ref));

/** Reads a name written by `refText`. Undefined for any other text. */
export function refOfText(text: string): Ref | undefined {
  if (text === refText(IPAM_CONFIG)) return IPAM_CONFIG;
  const [, kind = '', name = ''] = /^(\w+)\((.*)\)$/s.exec(text) ?? [];
  switch (kind) {
    case 'Handle':
      return handleRef(name);
    case 'Block': {
      const cidr = parseCidr(name);
      return cidr && blockRef(cidr);
    }
    case 'BlockAffinity':
      return affinityOf(name);
    case 'unknown':
      return { kind, at: name };
    default:
      return Object.hasOwn(PLURALS, kind) ? resourceOf(kind as ResourceKind, name) : undefined;
  }
}

function affinityOf(text: string): Ref | undefined {
  const [, type, node = '', network = ''] = /^(host|virtual):(.*), (\S+)$/s.exec(text) ?? [];
  const cidr = parseCidr(network);
  if (type === undefined || cidr === undefined) return undefined;
  return { kind: 'affinity', type: type === 'host' ? 'host' : 'virtual', node, cidr };
}

function resourceOf(kind: ResourceKind, text: string): Ref {
  const [first = '', ...rest] = text.split('/');
  return rest.length === 0 ? { kind, name: first } : { kind, namespace: first, name: rest.join('/') };
}
