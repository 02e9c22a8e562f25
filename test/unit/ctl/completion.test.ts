import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { GLOBAL } from '../../../ctl/command-line/global-options.ts';
import { completionScript } from '../../../ctl/commands/completion-script.ts';
import { COMMANDS } from '../../../ctl/commands.ts';

const WORDS = { commands: COMMANDS, common: GLOBAL };

/** What bash suggests for the last word of a line. */
function offered(line: readonly string[]): readonly string[] {
  const complete = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _calicoctl; printf "%s\\n" "\${COMPREPLY[@]}"`;
  const script = `${completionScript('bash', WORDS)}\n${complete}`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script, 'bash', 'calicoctl', ...line], {
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').filter((word) => word !== '');
}

describe('bash completes', () => {
  test('commands, and those of a group', () => {
    expect(offered([''])).toEqual(expect.arrayContaining(['get', 'apply', 'ipam', 'completion', '--help']));
    expect(offered(['ipam', ''])).toEqual(expect.arrayContaining(['check', 'repair']));
    expect(offered(['datastore', 'migrate', ''])).toEqual(expect.arrayContaining(['lock', 'unlock']));
    expect(offered(['datastore', 'ready', 't'])).toEqual(['true']);
  });

  test('kinds and options of a command, after any other options', () => {
    expect(offered(['get', 'ippo'])).toEqual(['ippools']);
    expect(offered(['-l', 'debug', 'get', '-n', 'x', 'nod'])).toEqual(['nodes']);
    expect(offered(['create', '--sk'])).toEqual(['--skip-empty', '--skip-exists']);
  });

  test('values that can be listed', () => {
    expect(offered(['-l', 'd'])).toEqual(['debug']);
    expect(offered(['completion', ''])).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
  });

  test('files', () => {
    expect(offered(['create', '-f', 'package.j'])).toEqual(['package.json']);
  });
});

test("zsh's script wraps bash's", () => {
  const script = completionScript('zsh', WORDS);
  expect(script.startsWith('#compdef calicoctl\nautoload -U +X bashcompinit && bashcompinit\n')).toBe(true);
});

test("fish's script has a line for every command and option", () => {
  const script = completionScript('fish', WORDS);
  expect(script).toContain("complete -c calicoctl -n __fish_use_subcommand -a get -d 'Show resources'\n");
  expect(script).toMatch(/"calicoctl ipam \*".* and not .*"calicoctl ipam check \*".* -a check /);
  expect(script).toMatch(/"calicoctl datastore \*".* and not .*"calicoctl datastore migrate \*".* -a migrate\n/);
  expect(script).toMatch(
    /"calicoctl datastore migrate \*".* and not .*"calicoctl datastore migrate lock \*".* -a lock /,
  );
  expect(script).toMatch(
    /^complete -c calicoctl -n '.*"calicoctl patch \*".*' -s t -l type -x -a 'strategic merge' -d /m,
  );
});
