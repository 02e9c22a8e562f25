import { Command as Commander, CommanderError, Option as CommanderOption } from 'commander';
import { VERSION } from '../../shared/call/version.ts';
import type { Args, Command, Option } from './command.ts';
import { GLOBAL } from './global-options.ts';

/** A command and its arguments. */
interface Asked {
  readonly command: Command;
  readonly args: Args;
}

/** The command to run, or what to print instead: help (status 0) or a usage error (status 2). */
type Parsed = Asked | { readonly out: string; readonly err: string; readonly status: number };

/** What each group of commands is for. */
const GROUPS: Readonly<Record<string, string>> = {
  ipam: 'Inspect and repair IP address management',
  group: 'Inspect fixed address groups',
  node: 'This node, and its routes',
  datastore: 'The datastore',
  migrate: 'Move a cluster’s data to another datastore',
};

/** Reads a command line, without the program's own name. */
export function parseCommandLine(argv: readonly string[], commands: readonly Command[]): Parsed {
  let asked: Asked | undefined;
  const said = { out: '', err: '' };
  const program = root({
    writeOut: (text) => {
      said.out += text;
    },
    writeErr: (text) => {
      said.err += text;
    },
  });
  for (const command of commands) {
    declare(program, command, (args) => {
      asked = { command, args };
    });
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return { ...said, status: thrown.exitCode === 0 ? 0 : 2 };
  }
  return asked ?? { ...said, status: 2 };
}

function root(output: { writeOut(text: string): void; writeErr(text: string): void }): Commander {
  const program = new Commander('calicoctl')
    .description('Manages Calico’s data in etcd or in the Kubernetes API.')
    .version(VERSION, '-v, --version', 'print the version')
    .addOption(new CommanderOption('--allow-version-mismatch').hideHelp())
    .helpCommand('help [command]', 'show help for a command')
    .helpOption('-h, --help', 'show help')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput(output)
    .showHelpAfterError('(calicoctl --help lists commands, calicoctl COMMAND --help their options)')
    .exitOverride();
  for (const option of GLOBAL) program.addOption(optionOf(option));
  return program;
}

function declare(program: Commander, command: Command, take: (args: Args) => void): void {
  const words = command.words.split(' ');
  const parent = words.slice(0, -1).reduce(groupOf, program);
  const own = parent
    .command(`${words.at(-1)} ${command.operands ?? ''}`.trim())
    .summary(command.summary)
    .description([`${command.summary}.`, command.about ?? ''].join('\n').trim())
    .addHelpText('after', examplesOf(command));
  for (const option of command.options) own.addOption(optionOf(option));
  own.action(() => take(argsOf(own)));
}

function groupOf(parent: Commander, word: string): Commander {
  return parent.commands.find((known) => known.name() === word) ?? parent.command(word).description(GROUPS[word] ?? '');
}

function optionOf({ flags, summary, choices, fallback, repeats }: Option): CommanderOption {
  const option = new CommanderOption(flags, summary);
  if (choices !== undefined) option.choices(choices);
  if (fallback !== undefined) option.default(fallback);
  if (repeats) option.argParser<string[]>((value, before) => [...(before ?? []), value]);
  return option;
}

function examplesOf({ examples }: Command): string {
  const lines = examples.map(({ what, line }) => `  # ${what}\n  calicoctl ${line}\n`);
  return lines.length === 0 ? '' : `\nExamples:\n${lines.join('\n')}`;
}

function argsOf(own: Commander): Args {
  const given: Readonly<Record<string, unknown>> = own.optsWithGlobals();
  const value = (name: string) => given[name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())];
  const text = (name: string) => {
    const found = value(name);
    return typeof found === 'string' ? found : undefined;
  };
  return {
    operands: own.args,
    flag: (name) => value(name) === true,
    text,
    texts: (name) => {
      const found = value(name);
      return Array.isArray(found) ? found : [];
    },
  };
}
