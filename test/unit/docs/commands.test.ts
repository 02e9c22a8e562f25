import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../ctl/command-line/command-line.ts';
import { COMMANDS } from '../../../ctl/commands.ts';
import { readCommandLine } from '../../../ctl/install/command-line.ts';
import { readOptions } from '../../../ctl/manifest/options.ts';
import { readOptions as bench } from '../../bench/options.ts';
import { readOptions as faults } from '../../faults/options.ts';
import { readOptions as fuzz } from '../../fuzz/options.ts';
import { readOptions as mutate } from '../../mutation/options.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const TEXT = PAGES.map(text).join('\n');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Lines of code: those in fenced blocks, and text in backticks elsewhere. */
const CODE = [
  ...[...TEXT.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.split('\n')),
  ...[...TEXT.replaceAll(/^```\w*\n[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code),
];

/** The arguments of a program in a line of code, without comments and shell operators. */
function callsOf(program: string): readonly string[] {
  const call = new RegExp(`^(?:\\$ )?(?:\\S*/)?${program}(?: +([^#|;&<>]*))?`);
  const found = CODE.flatMap((line) => call.exec(line.trim().replaceAll('\\|', '/'))?.[1]?.trim() ?? []);
  return [...new Set(found)];
}

/** The words of a line as a shell splits them; ellipses stand for anything. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('the pages name existing commands of calicoctl:', () => {
  const calls = callsOf('calicoctl');
  test('they are found', () => expect(calls.length).toBeGreaterThan(10));

  test.each(calls)('%s', (line) => {
    const parsed = parseCommandLine(wordsOf(line), COMMANDS);
    expect('command' in parsed ? 'a command' : `${parsed.out}${parsed.err}`).toBe('a command');
  });
});

describe('the table of calicoctl’s commands', () => {
  const [, table = ''] =
    /^\| command \| does \|\n\| --- \| --- \|\n((?:\|.*\n)+)/m.exec(text('docs/calicoctl.md')) ?? [];
  const rows = table.trim().split('\n');
  /** The codes in a cell; each `verb/verb …` stands for two. */
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

test.each(callsOf('calico-install'))('the pages call calico-install correctly: %s', (line) => {
  const [first, ...rest] = wordsOf(line);
  if (first === 'manifest') expect(readOptions(rest), line).toBeDefined();
  else expect(readCommandLine(wordsOf(line), '0'), line).toHaveProperty('command');
});

test.each([...new Set(TEXT.match(/(?<=npm run )[a-z]+/g))])(
  'the pages run a script that exists: npm run %s',
  (name) => {
    expect(Object.keys(scripts)).toContain(name);
  },
);

/** The reader of the options after `npm run NAME --`. Throws for unknown ones. */
const OPTIONS: Readonly<Record<string, (words: readonly string[]) => unknown>> = { bench, faults, fuzz, mutate };

describe('the pages use existing options of our commands:', () => {
  const calls = CODE.flatMap((line) => {
    const [, name = '', words = ''] = /npm run (bench|faults|fuzz|mutate) -- ([^#|;&<>]*)/.exec(line) ?? [];
    // In a list of rows the words are literal; N and FILE stand for anything.
    return name === '' ? [] : [{ name, words: wordsOf(words.trim()).map((word) => (/^N$/.test(word) ? '1' : word)) }];
  });
  test('they are found', () => expect(calls.length).toBeGreaterThan(3));

  test.each(calls)('$name $words', ({ name, words }) => {
    expect(() => OPTIONS[name]?.(words)).not.toThrow();
  });
});

describe('the pages run existing tests:', () => {
  const files = [...new Set(TEXT.match(/\btest\/[\w/.-]+\.test\.ts/g))];
  test.each(files.filter((file) => !file.includes('NAME')))('%s', (file) =>
    expect(existsSync(join(ROOT, file))).toBe(true),
  );
});

describe('the invariants name existing tests:', () => {
  const rows = [...text('docs/invariants.md').matchAll(/`([\w/.-]+\.test\.ts)`(?: "([^"]+)")?/g)];
  const held = rows.map(([, file = '', title = '']) => ({
    file: file.includes('/') ? file : `test/unit/ipam/${file}`,
    title,
  }));
  test.each(held)('$file $title', ({ file, title }) => expect(text(file)).toContain(title));
});

describe('the pages name existing files:', () => {
  const files = TEXT.match(/(?<=`)(?:plugins|ipam|ctl|shared|build|test)\/[\w/.-]+(?=`)/g) ?? [];
  test.each([...new Set(files)].filter((file) => !file.includes('NAME')))('%s', (file) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
  });
});

describe('the pages link to what exists:', () => {
  const anchor = (title: string) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');
  const links = PAGES.flatMap((page) =>
    [...text(page).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g)].map(([, to = '', part]) => {
      return { page, file: to === '' ? page : normalize(join(dirname(page), to)), part };
    }),
  );
  test.each(links)('$page: $file $part', ({ file, part }) => {
    expect(existsSync(join(ROOT, file)), file).toBe(true);
    if (part !== undefined) {
      expect([...text(file).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => anchor(title))).toContain(part);
    }
  });
});

test('every page of docs/ is linked from README', () => {
  const missing = PAGES.filter((page) => page !== 'README.md' && !text('README.md').includes(`](${page})`));
  expect(missing).toEqual([]);
});

describe('advice in messages names existing commands:', () => {
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
