import { failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import { holdsPem } from '../../shared/net/pem.ts';
import { errnoText } from '../../shared/system/errno.ts';
import { readBytes } from '../../shared/system/files.ts';
import type { World } from '../../shared/system/world.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { exactText } from '../text/utf8.ts';
import { formatYaml, parseWritten } from '../text/yaml.ts';
import { manifestDocuments } from './documents.ts';
import { type Installation, readInstallation } from './installation.ts';
import { HELP, type OptionName, type Options, one, readOptions } from './options.ts';
import { askedBy, type Files } from './request-from-options.ts';

/** What is to be printed, and the exit status: 0 done, 1 refused, 2 wrong usage. */
export interface Printed {
  readonly out: string;
  readonly err: string;
  readonly status: number;
}

const PROGRAM = 'calico-install manifest';

/** `calico-install manifest`, given the words after it. */
export function manifest(world: World, argv: readonly string[]): Printed {
  try {
    const options = readOptions(argv);
    return options === undefined ? { out: HELP, err: '', status: 0 } : printed(world, options);
  } catch (thrown) {
    if (thrown instanceof UsageError)
      return { out: '', err: `${PROGRAM}: ${thrown.message}\nTry: ${PROGRAM} --help\n`, status: 2 };
    return { out: '', err: failureText(toFailure(thrown, 'printing the manifest'), `${PROGRAM}: `), status: 1 };
  }
}

function printed(world: World, options: Options): Printed {
  const files = filesOf(world, options);
  const request = askedBy(options, files);
  const out = manifestDocuments(request).map(formatYaml).join('---\n');
  const notes = [
    ...ignoredNote(files.installation),
    ...(request.pools.length === 0 && request.crds !== 'only' ? [NO_POOLS] : []),
  ];
  return { out, err: notes.map((note) => `note: ${note}\n`).join(''), status: 0 };
}

const NO_POOLS = 'no pool: pods get addresses only from pools that exist already (--pool 10.244.0.0/16 makes one)';

const ignoredNote = (installation: Installation | undefined): readonly string[] =>
  installation === undefined || installation.ignored.length === 0
    ? []
    : [`of no effect here: ${installation.ignored.join(', ')}`];

function filesOf(world: World, options: Options): Files {
  const file = one(options, 'from-installation');
  const pem = (name: OptionName) => {
    const content = contentOf(world, options, name);
    if (options[name] !== undefined && !holdsPem(content))
      throw failure(`--${name}: ${one(options, name)} holds no PEM data`, 'etcd’s certificates and key are PEM files');
    return content;
  };
  return {
    installation: file === '' ? undefined : installationIn(file, contentOf(world, options, 'from-installation')),
    ca: pem('etcd-ca'),
    cert: pem('etcd-cert'),
    key: pem('etcd-key'),
  };
}

function installationIn(file: string, content: string): Installation {
  const name = file === '-' ? 'standard input' : file;
  return readInstallation(name, parseWritten(name, content));
}

function contentOf(world: World, options: Options, name: OptionName): string {
  const file = one(options, name);
  if (file === '') return '';
  if (file === '-') return exactText('standard input', world.stdinBytes());
  return exactText(file, bytesOf(file, name));
}

function bytesOf(file: string, name: OptionName): Uint8Array {
  try {
    return readBytes(file);
  } catch (thrown) {
    throw failure(`--${name}: cannot read ${file}: ${errnoText(thrown)}`, 'give a file that can be read', thrown);
  }
}
