import { platform } from '#platform';
import { NODENAME_FILE } from '../../shared/cni/netconf-read.ts';
import { reader } from '../../shared/cni/reader.ts';
import { failure } from '../../shared/error/failure.ts';
import { runFile } from '../../shared/system/exec.ts';
import { statusOf } from '../../shared/system/files.ts';
import { interfacesIn } from '../../shared/system/interfaces.ts';
import { type Digest, isExecutable, looker, namesIn, stateOf, textOf } from './files.ts';
import { type FoundFile, OWN_NAMES, type Survey } from './findings.ts';
import { NETWORKD_PLACES } from './network-programs.ts';
import { networkManagerFolder, parseRecord, recordPath } from './record.ts';
import { onNode, type Settings } from './settings.ts';

/** Names in an image's plugin folder that belong to us. */
const NOT_TAKEN = [...OWN_NAMES, 'install'] as readonly string[];
/** The name of an incomplete file: hidden, and without the extension of a configuration. */
const UNDER_WAY = /^\..+\.calico-install-[0-9a-f]+$/;
/** No write takes this long: the writer is dead. */
const DEAD_AFTER_MS = 60_000;

const MS = 1_000_000n;

const ANSWER_LIMIT_MS = 5_000;

/** Reads everything once. `now`: milliseconds since 1970. Throws a Failure for what cannot be read. */
export function lookAround(settings: Settings, sums: Digest, now: number): Survey {
  if (settings.root !== '' && stateOf(settings.root) === 'absent') throw failure(`${settings.root} is not a directory`);
  const look = looker(sums);
  const at = (path: string) => onNode(settings, path);
  const record = parseRecord(textOf(recordPath(settings)), recordPath(settings));
  const taken = (name: string) => !NOT_TAKEN.includes(name) && !settings.skipped.includes(name);
  const plugins =
    settings.pluginSource === '' ? [] : look.files(settings.pluginSource, taken).filter(({ name }) => taken(name));
  const known = new Set([...OWN_NAMES, ...plugins.map(({ name }) => name), ...Object.keys(record).map(lastName)]);
  const texts = (folder: string) =>
    look.files(folder, () => true).map((file) => ({ ...file, text: textOf(file.path) }));
  const [tls, manager] = [`${settings.netFolder}/calico-tls`, networkManagerFolder(settings)];
  return {
    own: look.one(platform.executable(), 'calico'),
    plugins,
    executables: settings.executableFolders.map((path) => ({
      path,
      state: stateOf(path),
      files: look.files(path, (name) => known.has(name)),
    })),
    net: texts(settings.netFolder),
    tls: texts(tls),
    certificates: texts(settings.tlsAssets).filter(
      ({ name, text }) => /^etcd-(ca|cert|key)$/.test(name) && text.trim() !== '',
    ),
    hasAssets: stateOf(settings.tlsAssets) !== 'absent',
    portmap: portmapVersions(settings, plugins),
    nodename: settings.inContainer ? undefined : textOf(at(NODENAME_FILE)).trim(),
    hasNetworkManager: namesIn(at('/etc')).includes('NetworkManager'),
    networkManager: texts(manager),
    record,
    interfaces: linksOf(settings),
    networkd: networkdText(at),
    journalled: namesIn(at('/var/lib/calico/cni-journal')).filter((name) => name.includes('.json')).length,
    hostname: hostnameOf(settings),
    debris: [...settings.executableFolders, settings.netFolder, tls, manager].flatMap((each) => debrisIn(each, now)),
  };
}

/** What the plugin to be installed says about itself. Nothing if it cannot run on this machine. */
function portmapVersions(settings: Settings, plugins: readonly FoundFile[]): Survey['portmap'] {
  const brought = plugins.filter(({ name }) => name === 'portmap').map(({ path }) => path);
  const path = [...brought, ...settings.executableFolders.map((folder) => `${folder}/portmap`)].find(isExecutable);
  if (path === undefined) return undefined;
  if (settings.root !== '' && !settings.inContainer) return [];
  const { stdout } = runFile(path, [], { env: { CNI_COMMAND: 'VERSION' }, input: '', timeout: ANSWER_LIMIT_MS });
  try {
    return reader(JSON.parse(stdout), 'VERSION', failure).texts('supportedVersions');
  } catch {
    return [];
  }
}

const lastName = (place: string) => place.slice(place.lastIndexOf('/') + 1);

/** A given root is another machine's file system. Otherwise its network is ours, also in a pod, which shares the node's. */
function linksOf({ root, inContainer }: Settings): readonly string[] {
  if (root !== '' && !inContainer) return namesIn(`${root}/sys/class/net`);
  return interfacesIn(textOf('/proc/self/net/dev'));
}

/** The host name as the plugin spells it. Below a given root: the one that the machine will have, if a file there says so. */
function hostnameOf(settings: Settings): string {
  const its = settings.inContainer ? '' : textOf(onNode(settings, '/etc/hostname'));
  return ((settings.root !== '' && its) || textOf('/proc/sys/kernel/hostname')).trim().toLowerCase();
}

function debrisIn(folder: string, now: number): readonly string[] {
  const paths = namesIn(folder).filter((name) => UNDER_WAY.test(name));
  const age = (path: string) => now - Number((statusOf(path)?.writtenAt ?? BigInt(now) * MS) / MS);
  return paths.map((name) => `${folder}/${name}`).filter((path) => age(path) > DEAD_AFTER_MS);
}

function networkdText(at: (path: string) => string): string | undefined {
  if (namesIn(at('/run/systemd/netif')).length === 0) return undefined;
  const [file = '', ...folders] = NETWORKD_PLACES.map(at);
  const parts = folders.flatMap((folder) => namesIn(folder).map((name) => `${folder}/${name}`));
  return [file, ...parts].map(textOf).join('\n');
}
