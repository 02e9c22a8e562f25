import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../ctl/command-line/command-line.ts';
import { COMMANDS } from '../../../ctl/commands.ts';

/** The command to run, or what is printed instead. */
const parse = (line: string) => parseCommandLine(line.split(' '), COMMANDS);

function asked(line: string) {
  const parsed = parse(line);
  if (!('command' in parsed)) throw new Error(`${parsed.out}${parsed.err}`);
  return parsed;
}

describe('a command line', () => {
  test('names a command, its operands and options', () => {
    const { command, args } = asked('get pool p1 p2 -o yaml --namespace=x');
    expect(command.words).toBe('get');
    expect(args.operands).toEqual(['pool', 'p1', 'p2']);
    expect([args.text('output'), args.text('namespace'), args.flag('all-namespaces')]).toEqual(['yaml', 'x', false]);
  });

  test.each(['-c /x/y.cfg get nodes', 'get nodes --config=/x/y.cfg', 'get -c /x/y.cfg nodes'])(
    'may have common options anywhere: %s',
    (line) => {
      expect(asked(line).args.text('config')).toBe('/x/y.cfg');
      expect(asked(line).args.operands).toEqual(['nodes']);
    },
  );

  test('uses the default settings file', () => {
    expect(asked('get nodes').args.text('config')).toBe('/etc/calico/calicoctl.cfg');
    expect(asked('--allow-version-mismatch version').command.words).toBe('version');
  });

  test.each([
    ['gett nodes', "error: unknown command 'gett'\n(Did you mean get?)"],
    ['get nodes --bogus', "error: unknown option '--bogus'"],
    ['get -o', "error: option '-o, --output <format>' argument missing"],
    ['patch node', "error: missing required argument 'name'"],
    ['version extra', "error: too many arguments for 'version'"],
    ['-l loud version', "error: option '-l, --log-level <level>' argument 'loud' is invalid"],
    ['ipam', 'Usage: calicoctl ipam'],
  ])('with wrong usage is refused with status 2: %s', (line, message) => {
    expect(parse(line)).toMatchObject({ status: 2, out: '', err: expect.stringContaining(message) });
  });
});

describe('help', () => {
  test.each(COMMANDS.map(({ words }) => words))('of %s has examples', (words) => {
    const parsed = parse(`${words} --help`);
    expect(parsed).toMatchObject({
      status: 0,
      err: '',
      out: expect.stringMatching(/\nExamples:\n {2}# .+\n {2}calicoctl /),
    });
  });

  test('lists every command', () => {
    const parsed = parse('--help');
    const first = COMMANDS.map(({ words }) => words.split(' ')[0] ?? '');
    for (const word of first) expect(parsed).toMatchObject({ out: expect.stringMatching(`\n  ${word} `) });
  });

  test('shows only examples that are valid', () => {
    for (const { words, examples } of COMMANDS) {
      for (const { line } of examples) {
        const argv = line.replace(/ [<>|].*/, '').match(/'[^']*'|\S+/g) ?? [];
        const parsed = parseCommandLine(
          argv.map((word) => word.replace(/^'|'$/g, '')),
          COMMANDS,
        );
        expect('command' in parsed ? parsed.command.words : parsed.err, line).toBe(words);
      }
    }
  });
});
