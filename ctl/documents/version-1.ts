import { kindOfWord } from '../kinds/kinds.ts';
import { API_VERSION, type Fields } from '../resource/resource.ts';
import { objectOf, textOf } from '../resource/shape.ts';

/** Kinds of v1 whose names mean another kind in v3: policies had no namespaces. */
const RENAMED: Readonly<Record<string, string>> = { policy: 'globalnetworkpolicy' };

/** How to write a v1 document in v3: the whole pool, or the head of other kinds. */
export function inVersion3(document: Fields): string {
  const kind = kindOfWord(wordOf(textOf(document['kind']).toLowerCase()))?.name ?? 'KIND';
  const spec = kind === 'IPPool' ? poolSpec(document) : ['spec:', '  …'];
  const name = nameOf(objectOf(document['metadata']) ?? {});
  const lines = [`apiVersion: ${API_VERSION}`, `kind: ${kind}`, 'metadata:', `  name: ${name}`, ...spec];
  return `v1 documents are not supported; the v3 form is:\n${lines.map((line) => `    ${line}`).join('\n')}`;
}

const wordOf = (word: string): string => (Object.hasOwn(RENAMED, word) ? RENAMED[word] : undefined) ?? word;

/** Pools had no names. Other names are made valid in v3. */
function nameOf(metadata: Fields): string {
  const given = textOf(metadata['name'] ?? metadata['cidr'] ?? 'NAME');
  return given === 'NAME' ? given : given.toLowerCase().replaceAll(/[^a-z0-9.-]|\.(?=\d)/g, '-');
}

function poolSpec(document: Fields): readonly string[] {
  const spec = objectOf(document['spec']) ?? {};
  const ipip = objectOf(spec['ipip']) ?? {};
  const mode = ipip['mode'] === 'cross-subnet' ? 'CrossSubnet' : 'Always';
  return [
    'spec:',
    `  cidr: ${textOf(objectOf(document['metadata'])?.['cidr'])}`,
    `  ipipMode: ${ipip['enabled'] === true ? mode : 'Never'}`,
    ...(spec['nat-outgoing'] === true ? ['  natOutgoing: true'] : []),
    ...(spec['disabled'] === true ? ['  disabled: true'] : []),
  ];
}
