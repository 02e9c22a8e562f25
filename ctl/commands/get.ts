import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import type { Args, Command } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import type { Kind, Surroundings } from '../kinds/kind.ts';
import { KINDS, kindNamed } from '../kinds/kinds.ts';
import type { AnyResource, Named } from '../resource/resource.ts';
import { each } from './each.ts';
import { findAll, findOne } from './find.ts';
import { type Format, type Found, formatOf, formatted } from './output.ts';
import { placed, type Where } from './place.ts';
import { FILE_OPTIONS, KIND_WORDS, NAMESPACE_OPTION, type Selection, selectionOf } from './selection.ts';

const kindText = ({ plural, words }: Kind): string => [plural, ...words.slice(0, 1)].join(' or ');

/** `calicoctl get`: all resources of a kind, or by name, or those in a file. */
export const get: Command = {
  words: 'get',
  operands: '[kind] [names...]',
  operand: KIND_WORDS,
  summary: 'Show resources',
  about: `Kinds, in any case, singular, plural or short: ${KINDS.map(kindText).join(', ')}.`,
  options: [
    ...FILE_OPTIONS,
    {
      flags: '-o, --output <format>',
      summary: 'ps, wide, name, yaml, json or custom-columns=NAME,CIDR',
      fallback: 'ps',
    },
    NAMESPACE_OPTION,
    { flags: '-A, --all-namespaces', summary: 'all namespaces' },
    { flags: '--export', summary: 'leave out cluster-specific fields (only with names)' },
  ],
  examples: [
    { what: 'All pools, with their modes', line: 'get ippools -o wide' },
    { what: 'One pool, to save and edit', line: 'get pool default-ipv4-ippool -o yaml > pool.yaml' },
    { what: 'Endpoints and their nodes', line: 'get wep -A' },
    { what: 'Block affinities', line: 'get blockaffinities' },
    { what: 'Selected columns', line: 'get nodes -o custom-columns=NAME,IPV4' },
  ],
  run,
};

async function run(context: Context, args: Args): Promise<number> {
  const format = formatOf(args.text('output') ?? 'ps');
  const where = { namespace: args.text('namespace'), everywhere: args.flag('all-namespaces') };
  const asked = selectionOf(context, args);
  const found: Found[] = [];
  const look = async ({ kind, named }: Selection) => {
    found.push(await find(context, kind, placed(kind, named, where), args.flag('export')));
  };
  const { failures } = await each(asked, undefined, look, context.progress);
  if (found.length > 0) {
    context.out(formatted(found, format, await surroundings(context, found, format), showsNamespace(where)));
  }
  for (const failed of failures) context.err(failureText(toFailure(failed, 'reading resources')));
  return failures.length === 0 ? 0 : 1;
}

async function find(context: Context, kind: Kind, named: Named, bare: boolean): Promise<Found> {
  if (named.name === '') return findAll(context, kind, named.namespace);
  const resource = await findOne(context, kind, named);
  return { kind, resource: bare ? exported(resource) : resource };
}

function exported(resource: AnyResource): AnyResource {
  const { namespace: _n, uid: _u, resourceVersion: _v, creationTimestamp: _c, ...metadata } = resource.metadata;
  return { ...resource, metadata };
}

const showsNamespace = ({ namespace = '', everywhere }: Where): boolean => everywhere || namespace !== '';

/** The default without a BGPConfiguration: the first AS number for private use. */
const AS_NUMBER = '64512';

async function surroundings(context: Context, found: readonly Found[], { style }: Format): Promise<Surroundings> {
  const kind = kindNamed('BGPConfiguration');
  const tables = style === 'wide' || style === 'columns';
  if (!tables || kind === undefined || !found.some((each) => each.kind.name === 'Node')) return { asNumber: AS_NUMBER };
  try {
    const { spec } = await findOne(context, kind, { name: 'default' });
    return { asNumber: String(spec?.['asNumber'] ?? AS_NUMBER) };
  } catch {
    return { asNumber: AS_NUMBER };
  }
}
