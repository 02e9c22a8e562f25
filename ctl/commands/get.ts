import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import type { Args, Command } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import type { Kind } from '../kinds/kind.ts';
import { KINDS } from '../kinds/kinds.ts';
import type { AnyResource } from '../resource/resource.ts';
import { each } from './each.ts';
import { findOne } from './find.ts';
import { formatOf, isTable } from './output.ts';
import { placed, type Where } from './place.ts';
import { FILE_OPTIONS, KIND_WORDS, NAMESPACE_OPTION, type Selection, selectionOf } from './selection.ts';
import { asValues, inRows } from './showing.ts';

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
  const showing = isTable(format)
    ? inRows(context, { format, withNamespace: showsNamespace(where) })
    : asValues(context, format.style === 'json' ? 'json' : 'yaml', asked.length === 1);
  const look = async ({ kind, named }: Selection) => {
    const place = placed(kind, named, where);
    if (place.name === '') return showing.list(kind, place.namespace);
    const resource = await findOne(context, kind, place);
    return showing.one(kind, args.flag('export') ? exported(resource) : resource);
  };
  const { failures } = await each(asked, undefined, look, context.progress);
  await showing.end();
  for (const failed of failures) context.err(failureText(toFailure(failed, 'reading resources')));
  return failures.length === 0 ? 0 : 1;
}

function exported(resource: AnyResource): AnyResource {
  const { namespace: _n, uid: _u, resourceVersion: _v, creationTimestamp: _c, ...metadata } = resource.metadata;
  return { ...resource, metadata };
}

const showsNamespace = ({ namespace = '', everywhere }: Where): boolean => everywhere || namespace !== '';
