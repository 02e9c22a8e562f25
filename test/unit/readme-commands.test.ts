import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../ctl/command-line.ts';
import { COMMANDS } from '../../ctl/commands.ts';
import { readCommandLine } from '../../ctl/install/command-line.ts';

const ROOT = join(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Lines of code: those of fenced blocks, and what stands between backticks elsewhere. */
const CODE = [
  ...[...README.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.split('\n')),
  ...[...README.replaceAll(/^```\w*\n[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code),
];

/** What follows a program's name where a line of code calls it, without comments and what a shell does with it. */
function callsOf(program: string): readonly string[] {
  const call = new RegExp(`^(?:\\$ )?(?:\\S*/)?${program}(?: +([^#|;&<>]*))?`);
  const found = CODE.flatMap((line) => call.exec(line.trim().replaceAll('\\|', '/'))?.[1]?.trim() ?? []);
  return [...new Set(found)];
}

/** The words of a line as a shell splits them; ellipses stand for anything. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('README names commands of calicoctl that there are:', () => {
  const calls = callsOf('calicoctl');
  test('they are found', () => expect(calls.length).toBeGreaterThan(10));

  test.each(calls)('%s', (line) => {
    const parsed = parseCommandLine(wordsOf(line), COMMANDS);
    expect('command' in parsed ? 'a command' : `${parsed.out}${parsed.err}`).toBe('a command');
  });
});

describe('README’s table of calicoctl’s commands', () => {
  const [, table = ''] = /^\| command \| does \|\n\| --- \| --- \|\n((?:\|.*\n)+)/m.exec(README) ?? [];
  const rows = table.trim().split('\n');
  /** A cell's codes, each `verb/verb …` standing for two. */
  const named = rows.flatMap((row) => {
    const [cell = ''] = row.replaceAll('\\|', '/').split(' | ');
    return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => {
      const [first = '', ...rest] = code.split(' ');
      return first.split('/').map((word) => ({ line: [word, ...rest].join(' '), row }));
    });
  });
  const commandOf = (line: string) =>
    [...COMMANDS]
      .sort((a, b) => b.words.length - a.words.length)
      .find(({ words }) => `${line} `.startsWith(`${words} `));

  test.each(named)('has $line', ({ line, row }) => {
    const command = commandOf(line);
    expect(command?.words, line).toBeDefined();
    const flags = COMMANDS.filter(({ words }) =>
      named.some((each) => each.row === row && commandOf(each.line)?.words === words),
    ).flatMap(({ options }) => options.flatMap((option) => option.flags.match(/--?[\w-]+/g) ?? []));
    for (const flag of row.match(/(?<=[\s`[(/])--?[a-zA-Z][\w-]*/g) ?? []) expect(flags, row).toContain(flag);
    expect(parseCommandLine([...(command?.words ?? '').split(' '), '--help'], COMMANDS)).toMatchObject({ status: 0 });
  });

  test('leaves none out', () => {
    const words = named.map(({ line }) => commandOf(line)?.words);
    expect(COMMANDS.filter((command) => !words.includes(command.words)).map((command) => command.words)).toEqual([]);
  });
});

test.each(callsOf('calico-install'))('README calls calico-install as it is: %s', (line) => {
  expect(readCommandLine(wordsOf(line), '0'), line).toHaveProperty('command');
});

test.each([...new Set(README.match(/(?<=npm run )[a-z]+/g))])(
  'README runs a script that there is: npm run %s',
  (name) => {
    expect(Object.keys(scripts)).toContain(name);
  },
);

describe('advice in messages names commands that there are:', () => {
  const sources = ['plugins', 'ipam', 'ctl', 'shared'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
  );
  const advised = sources.flatMap((text) => text.match(/(?<=calicoctl )[a-z]+(?: (?:--?)?[a-z-]+)*/g) ?? []);
  const firsts = new Set([...COMMANDS.map(({ words }) => words.split(' ')[0]), 'calicoctl', 'does']);

  test.each([...new Set(advised)])('calicoctl %s', (line) => {
    const group = COMMANDS.filter(({ words }) => words.split(' ')[0] === line.split(' ')[0]);
    expect([...firsts], line).toContain(line.split(' ')[0]);
    if (group.length > 0)
      expect(
        group.some(({ words }) => `${line} `.startsWith(`${words} `)),
        line,
      ).toBe(true);
  });
});
