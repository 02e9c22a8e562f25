import { platform } from '#platform';
import { netFolder } from '../../ctl/check/conf-lists.ts';
import { NETWORKD_PLACES } from '../../ctl/install/network-programs.ts';
import { failure } from '../../shared/error/failure.ts';
import { findProgram, run } from '../../shared/system/exec.ts';
import { namesInFolder, readText } from '../../shared/system/files.ts';
import { interfacesIn } from '../../shared/system/interfaces.ts';
import type { World } from '../../shared/system/world.ts';
import { machinePrograms } from '../run/machine-programs.ts';
import { refusalBeside } from '../run/other-programs.ts';
import { PROGRAM_NAMES, SETTING_PATHS } from './checks.ts';
import { moduleNames } from './modules.ts';
import type { KernelModules, NamedText, System } from './system.ts';

const PROGRAM_MS = 5_000;

/** Looks at this machine, and changes nothing. `configFile`: the kernel's configuration, if not the usual one. */
export function lookAtSystem(world: World, configFile: string | undefined): System {
  const kernel = trimmed('/proc/sys/kernel/osrelease') ?? '';
  return {
    kernel,
    isRoot: platform.euid() === 0,
    modules: modulesOf(kernel, configFile === undefined ? kernelConfig(kernel) : givenConfig(configFile)),
    settings: Object.fromEntries(SETTING_PATHS.map((path) => [path, trimmed(`/proc/sys/${path}`)])),
    canChangeSettings: !isReadOnly(content('/proc/self/mounts') ?? ''),
    running: running(),
    rival: refusalBeside(machinePrograms())?.message,
    interfaces: interfacesIn(content('/proc/net/dev') ?? ''),
    netConfs: textsIn(...netConfsOf(world)),
    managers: {
      NetworkManager: textsIn(
        '/etc/NetworkManager/NetworkManager.conf',
        ...['/etc', '/run', '/usr/lib'].map((folder) => `${folder}/NetworkManager/conf.d`),
      ),
      'systemd-networkd': textsIn(...NETWORKD_PLACES),
      ufw: textsIn('/etc/ufw/ufw.conf'),
    },
    programs: Object.fromEntries(PROGRAM_NAMES.map((program) => [program, findProgram(program, world.env)])),
    forwardPolicy: { iptables: forwardPolicy('iptables'), ip6tables: forwardPolicy('ip6tables') },
  };
}

/** A file's text; undefined when it cannot be read. */
function content(path: string): string | undefined {
  try {
    return readText(path);
  } catch {
    return undefined;
  }
}

const trimmed = (path: string): string | undefined => content(path)?.trim();

/** The names in a folder; none if it cannot be read. */
function namesIn(folder: string): readonly string[] {
  try {
    return namesInFolder(folder);
  } catch {
    return [];
  }
}

/** The files that runtimes take for network configurations, in their order. */
function netConfsOf(world: World): readonly string[] {
  const folder = netFolder(world);
  const names = namesIn(folder).filter((name) => /\.(?:conf|conflist|json)$/.test(name));
  return [...names].sort().map((name) => `${folder}/${name}`);
}

/** Files, and what is directly in folders, whose names end with `.d`. */
function textsIn(...paths: readonly string[]): readonly NamedText[] {
  const files = paths.flatMap((path) =>
    path.endsWith('.d') ? namesIn(path).map((name) => `${path}/${name}`) : [path],
  );
  return files.flatMap((path) => {
    const text = content(path);
    return text === undefined ? [] : [{ path, text }];
  });
}

function givenConfig(path: string): string {
  const text = content(path);
  if (text === undefined)
    throw failure(`cannot read ${path}`, 'give a kernel configuration as text, e.g. /boot/config-6.1.0');
  return text;
}

/** As distributions store it, or as the kernel itself tells it. */
function kernelConfig(kernel: string): string | undefined {
  const stored = content(`/boot/config-${kernel}`);
  return stored ?? output('gzip', ['-dc', '/proc/config.gz']);
}

function modulesOf(kernel: string, config: string | undefined): KernelModules {
  const folder = `/lib/modules/${kernel}`;
  const list = content(`${folder}/modules.dep`);
  return {
    loaded: new Set(namesIn('/sys/module')),
    onDisk: list === undefined ? undefined : moduleNames(list),
    builtIn: moduleNames(content(`${folder}/modules.builtin`) ?? ''),
    config: config === undefined ? undefined : `\n${config}\n`,
  };
}

function running(): ReadonlySet<string> {
  const processes = namesIn('/proc').filter((name) => /^\d+$/.test(name));
  return new Set(processes.flatMap((id) => trimmed(`/proc/${id}/comm`) ?? []));
}

/** What a program prints; undefined when it is missing or fails. */
function output(program: string, args: readonly string[]): string | undefined {
  try {
    const { status, stdout } = run(program, args, { timeout: PROGRAM_MS });
    return status === 0 ? stdout : undefined;
  } catch {
    return undefined;
  }
}

/** Whether settings are mounted so that nobody can change them, as in a container without privileges. */
const isReadOnly = (mounts: string): boolean =>
  mounts.split('\n').some((line) => {
    const [, at, , options = ''] = line.split(' ');
    return (at === '/proc/sys' || at === '/proc') && options.split(',').includes('ro');
  });

const forwardPolicy = (program: string): string | undefined =>
  output(program, ['-w', '2', '-S', 'FORWARD'])?.split('\n')[0]?.replace('-P FORWARD ', '');
