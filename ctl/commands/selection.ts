import { failure } from '../../shared/error/failure.ts';
import { type Args, type Option, UsageError } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import type { Given } from '../documents/documents.ts';
import { readResources } from '../documents/files.ts';
import type { Kind } from '../kinds/kind.ts';
import { KINDS, kindOfWord } from '../kinds/kinds.ts';
import type { Named } from '../resource/resource.ts';

/** Options of every command that reads resources from files. */
export const FILE_OPTIONS: readonly Option[] = [
  {
    flags: '-f, --filename <file>',
    summary: 'YAML or JSON file; - for standard input; a folder for its .yaml, .yml and .json files',
  },
  { flags: '-R, --recursive', summary: 'include subfolders' },
  { flags: '--skip-empty', summary: 'ignore files without resources' },
];

export const NAMESPACE_OPTION: Option = {
  flags: '-n, --namespace <namespace>',
  summary: 'namespace of namespaced kinds (default: default)',
};

/** Completion for a kind. */
export const KIND_WORDS: readonly string[] = KINDS.map(({ plural }) => plural);

/** The resource that a command is for, or all of its kind if the name is ''. */
export interface Selection {
  readonly kind: Kind;
  readonly named: Named;
  /** The resourceVersion in a file, if it has one. */
  readonly version?: string;
}

/** The resources in the files of `-f`. */
export const givenFiles = ({ world }: Context, args: Args): readonly Given[] => {
  const path = args.text('filename');
  if (path === undefined) throw new UsageError('--filename is missing');
  return readResources(path, world, { recursive: args.flag('recursive'), skipEmpty: args.flag('skip-empty') });
};

/** What the operands or files select. */
export function selectionOf(context: Context, args: Args): readonly Selection[] {
  const [word, ...names] = args.operands;
  if (word === undefined && args.text('filename') === undefined)
    throw new UsageError('either a kind or --filename is required');
  if (word === undefined) return givenFiles(context, args).map(ofFile);
  if (args.text('filename') !== undefined) throw new UsageError('a kind and --filename cannot be combined');
  const kind = knownKind(word);
  if (names.includes('')) throw new UsageError('resource name may not be empty');
  return (names.length === 0 ? [''] : names).map((name) => ({ kind, named: { name } }));
}

const ofFile = ({ kind, resource: { metadata } }: Given): Selection => ({
  kind,
  named: { name: metadata.name ?? '', ...(metadata.namespace && { namespace: metadata.namespace }) },
  ...(metadata.resourceVersion && { version: metadata.resourceVersion }),
});

/** The kind that a word stands for. Throws when there is none. */
export function knownKind(word: string): Kind {
  const kind = kindOfWord(word);
  if (kind === undefined)
    throw failure(`resource type '${word}' is not supported`, 'calicoctl get --help lists the kinds');
  return kind;
}
