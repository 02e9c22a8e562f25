import { describe, expect, test } from 'vitest';
import { readCommandLine } from '../../../ctl/install/command-line.ts';
import { readSettings } from '../../../ctl/install/settings.ts';

const PLAIN = { dryRun: false, uninstall: false, force: false, watch: false, root: undefined };

describe('the command line', () => {
  test.each([
    [[], {}],
    [['--dry-run'], { dryRun: true }],
    [['-dry-run', '--uninstall', '--force'], { dryRun: true, uninstall: true, force: true }],
    [['--root', '/mnt/'], { root: '/mnt' }],
    [['--root=/mnt', '--uninstall'], { root: '/mnt', uninstall: true }],
    [['--root', '/'], { root: '' }],
    [['--watch'], { watch: true }],
    [['--uninstall', '--watch'], { uninstall: true, watch: true }],
  ])('%j is understood', (argv, changes) => {
    expect(readCommandLine(argv, '1.2.3')).toEqual({ command: { ...PLAIN, ...changes } });
  });

  test.each([
    [['--dry'], 'Unknown argument "--dry"'],
    [['--dry-run=false'], 'Unknown argument "--dry-run=false"'],
    [['install'], 'Unknown argument "install"'],
    [['--root'], '--root must be an absolute path'],
    [['--root', 'mnt'], '--root must be an absolute path'],
    [['--ready', '--watch'], 'Unknown argument "--ready"'],
    [['--force'], '--force can only be used with --uninstall'],
  ])('%j is refused with status 2 and the usage', (argv, why) => {
    const answer = readCommandLine(argv, '1.2.3');
    expect(answer).toMatchObject({ status: 2 });
    expect('text' in answer && answer.text).toMatch(`calico-install: ${why}\nUsage: `);
  });

  test('-v and -h are answered with any other options', () => {
    expect(readCommandLine(['--dry-run', '-v'], '1.2.3')).toEqual({ text: '1.2.3\n', status: 0 });
    expect(readCommandLine(['--help'], '1.2.3')).toMatchObject({ status: 0 });
  });
});

describe('settings', () => {
  test('of a container are the mounts of the original’s manifest, whatever their paths on the node', () => {
    const settings = readSettings({ CNI_NET_DIR: '/etc/kubernetes/cni/net.d' }, undefined, true);
    expect(settings).toMatchObject({
      root: '/host',
      inContainer: true,
      executableFolders: ['/host/opt/cni/bin', '/host/secondary-bin-dir'],
      netFolder: '/host/etc/cni/net.d',
      nodeNetFolder: '/etc/kubernetes/cni/net.d',
      pluginSource: '/opt/cni/bin',
      sleep: true,
    });
  });

  test('of a node are its own folders, and the process does not stay', () => {
    expect(readSettings({ CNI_BIN_DIR: '/usr/libexec/cni/' }, undefined, false)).toMatchObject({
      root: '',
      executableFolders: ['/usr/libexec/cni'],
      netFolder: '/etc/cni/net.d',
      pluginSource: '',
      sleep: false,
    });
  });

  test('of --root are below it, also if there is a /host', () => {
    expect(readSettings({}, '/mnt', true)).toMatchObject({
      inContainer: false,
      executableFolders: ['/mnt/opt/cni/bin'],
      netFolder: '/mnt/etc/cni/net.d',
      nodeNetFolder: '/etc/cni/net.d',
    });
  });

  test.each([
    [{ SLEEP: 'perhaps' }, 'SLEEP must be true or false: "perhaps"'],
    [{ CNI_TOKEN_SECONDS: '599' }, 'CNI_TOKEN_SECONDS must be a number of seconds, at least 600: "599"'],
    [{ CNI_TOKEN_SECONDS: '1h' }, 'CNI_TOKEN_SECONDS must be a number of seconds, at least 600: "1h"'],
    [{ CNI_BIN_DIR: 'bin' }, 'CNI_BIN_DIR must be an absolute path: "bin"'],
    [{ CNI_CONF_NAME: '../10-calico.conflist' }, 'CNI_CONF_NAME must be a file name: "../10-calico.conflist"'],
    [{ TEST_FILE_PERMISSION: 'rw' }, 'TEST_FILE_PERMISSION must be a file mode such as 0600: "rw"'],
  ])('%j is refused by name', (env, message) => {
    expect(() => readSettings(env, undefined, false)).toThrow(message);
  });
});
