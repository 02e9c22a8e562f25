import { PLURALS, type ResourceKind } from '../../shared/calico/resource-kind.ts';
import { blockRef, handleRef, IPAM_CONFIG, type Ref, textOf } from '../../shared/datastore/ref.ts';
import { parseCidr } from '../../shared/net/cidr.ts';

/** The object that `textOf` gives this text; undefined for a text of no object. */
export function refOfText(text: string): Ref | undefined {
  if (text === textOf(IPAM_CONFIG)) return IPAM_CONFIG;
  const [, kind = '', name = ''] = /^(\w+)\((.*)\)$/s.exec(text) ?? [];
  if (kind === 'Handle') return handleRef(name);
  if (kind === 'Block') {
    const cidr = parseCidr(name);
    return cidr && blockRef(cidr);
  }
  if (kind === 'BlockAffinity') return affinityNamed(name);
  return Object.hasOwn(PLURALS, kind) ? resourceNamed(kind as ResourceKind, name) : undefined;
}

function affinityNamed(text: string): Ref | undefined {
  const [, type, node = '', network = ''] = /^(host|virtual):(.*), (\S+)$/s.exec(text) ?? [];
  const cidr = parseCidr(network);
  if (type === undefined || cidr === undefined) return undefined;
  return { kind: 'affinity', type: type === 'host' ? 'host' : 'virtual', node, cidr };
}

function resourceNamed(kind: ResourceKind, text: string): Ref {
  const [first = '', ...rest] = text.split('/');
  return rest.length === 0 ? { kind, name: first } : { kind, namespace: first, name: rest.join('/') };
}
