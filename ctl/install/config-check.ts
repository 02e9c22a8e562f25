import type { NetConf } from '../../shared/cni/netconf.ts';
import { NODENAME_FILE, netConfOf } from '../../shared/cni/netconf-read.ts';
import { parseJsonText, type Reader, reader } from '../../shared/cni/reader.ts';
import { ALL_VERSIONS } from '../../shared/cni/version.ts';
import { failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { requireEndpoints, requireTls, type TlsFacts } from './etcd-check.ts';
import { isInKubernetes, requireKubeconfig } from './kubernetes-check.ts';

/** What a network configuration is checked against. */
export interface Circumstances extends TlsFacts {
  /** The source of the text, for messages. */
  readonly origin: string;
  /** Content of the node's nodename file, '' for none; undefined if it cannot be seen from here. */
  readonly nodename: string | undefined;
  readonly hostname: string;
  /** Throws the error with which the plugin would refuse every container. */
  readonly judge: (conf: NetConf, node: string) => void;
}

/** What the installation needs to know of a network configuration. */
export interface Checked {
  /** Executables that the runtime will need. */
  readonly programs: readonly string[];
  /** Remarks for the user. */
  readonly remarks: readonly string[];
  /** The kubeconfig that it names; '' for none. */
  readonly kubeconfig: string;
}

/** Placeholders that were left in a template: `__TOKEN__`, `<ETCD_IP>`, `${ETCD_IP}`, `$(ETCD_IP)`, `{{ etcd_ip }}`. */
const PLACEHOLDER = /__[A-Z][A-Z0-9_]*?__|<[A-Za-z][\w .-]*>|\$\{\w+\}|\$\(\w+\)|\{\{[^{}"]*\}\}/g;

/**
 * Refuses invalid JSON, in the original's words, what no runtime accepts, and what our plugins would refuse for every pod. The
 * text must not contain secrets, because errors quote it.
 */
export function checkConfig(text: string, given: Circumstances): Checked {
  const { origin } = given;
  const json = parseJsonText(text, (why) => failure(`CNI config is not valid JSON: ${why}`, origin));
  const conf = reader(json, 'CNI config', (why) => unusable(why, origin));
  if (conf.text('name') === '') throw unusable('name is missing', origin);
  refusePlaceholders(text, origin);
  requireVersions(conf, origin);
  const plugins = conf.has('plugins') ? conf.objects('plugins') : [conf];
  const types = plugins.map((plugin) => plugin.text('type'));
  if (types.length === 0 || types.includes('')) throw unusable('a plugin has no type', origin);
  const isOurs = (plugin: Reader) => plugin.text('type') === 'calico';
  const entries = entriesOf(json);
  const remarks = plugins.flatMap((plugin, index) => {
    if (!isOurs(plugin) && plugin.object('ipam').text('type') !== 'calico-ipam') return [];
    const where = conf.has('plugins') ? `plugins[${index}] (${plugin.text('type')})` : plugin.text('type');
    return checkEntry({ plugin, entry: { ...entries[index], name: conf.text('name') }, where }, given);
  });
  const ours = plugins.filter(isOurs);
  return {
    programs: [...new Set([...types, ...plugins.map((plugin) => plugin.object('ipam').text('type')).filter(Boolean)])],
    remarks: [...(ours.length === 0 ? ['the network configuration does not use the plugin calico'] : []), ...remarks],
    kubeconfig: ours.map((plugin) => plugin.object('kubernetes').text('kubeconfig')).find(Boolean) ?? '',
  };
}

const unusable = (why: string, details: string) => failure(`CNI config cannot be used: ${why}`, details);

/** Each plugin's object, unchanged. */
function entriesOf(json: unknown): readonly object[] {
  const { plugins } = json as { readonly plugins?: readonly object[] };
  return plugins ?? [json as object];
}

function refusePlaceholders(text: string, origin: string): void {
  const left = [...new Set(text.match(PLACEHOLDER) ?? [])];
  if (left.length === 0) return;
  throw unusable(`it contains placeholders without a value: ${left.join(', ')}`, origin);
}

/** A runtime passes on `cniVersion`, or the newest of `cniVersions` that it knows. */
function requireVersions(conf: Reader, origin: string): void {
  const named = [conf.text('cniVersion') || '0.1.0', ...conf.texts('cniVersions')];
  if (named.some((version) => ALL_VERSIONS.includes(version))) return;
  throw unusable(
    `cniVersion is ${JSON.stringify(named[0])}, which is none of ${ALL_VERSIONS.join(', ')}`,
    `${origin}: every pod would fail`,
  );
}

/** An entry for our plugin, the text that the runtime would pass to it, and its name in messages. */
interface Entry {
  readonly plugin: Reader;
  readonly entry: object;
  readonly where: string;
}

/** Reads an entry as the plugin does, and throws the same errors, with entry and field. Returns remarks for the user. */
function checkEntry({ plugin, entry, where }: Entry, given: Circumstances): readonly string[] {
  const { origin, judge } = given;
  try {
    if (plugin.object('ipam').text('type') === '') throw failure('ipam.type is missing: pods would not get an address');
    const conf = netConfOf(entry, '');
    requireNode(conf, given);
    judge(conf, nodeOf(conf, given) ?? 'node');
    return [...checkDatastore(plugin, conf, given), ...noNodenameFile(conf, given)];
  } catch (thrown) {
    const { message, details } = toFailure(thrown);
    throw unusable(`${where}: ${message}`, `${origin}: ${details ?? 'every pod would fail'}`);
  }
}

function noNodenameFile(conf: NetConf, given: Circumstances): readonly string[] {
  if (conf.nodenameFileOptional || conf.type !== 'calico' || nodenameIn(conf, given) !== '') return [];
  return [`${conf.nodenameFile} does not exist: pods fail until calico/node or calicoctl init writes it`];
}

/** Refuses an entry whose datastore cannot be reached with what it names. Returns remarks. */
function checkDatastore(plugin: Reader, conf: NetConf, given: Circumstances): readonly string[] {
  if (isInKubernetes(conf)) return requireKubeconfig(conf, given.isThere);
  return [...requireEndpoints(conf), ...requireTls(plugin, conf, given)];
}

/** Content of the nodename file of a configuration; undefined if it cannot be seen from here. */
const nodenameIn = (conf: NetConf, { nodename }: Circumstances): string | undefined =>
  conf.nodenameFile === NODENAME_FILE ? nodename : undefined;

/** The node's name as the plugin determines it; undefined if that needs a file that cannot be seen from here. */
function nodeOf(conf: NetConf, given: Circumstances): string | undefined {
  if (conf.nodename !== '') return conf.nodename;
  const written = nodenameIn(conf, given);
  return written === undefined ? undefined : written || conf.hostname || given.hostname;
}

/** Calico's node names are Kubernetes' node names. */
const NODE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Refuses a node name that cannot be stored, with the source of the name. */
function requireNode(conf: NetConf, given: Circumstances): void {
  const node = nodeOf(conf, given);
  if (node === undefined || NODE_NAME.test(node)) return;
  const source = conf.nodename !== '' ? 'nodename' : given.nodename ? conf.nodenameFile : 'the host’s name';
  throw failure(
    `${source} is ${JSON.stringify(node)}: a node’s name is of lower case letters, digits, dashes and dots`,
    'every pod would fail: set KUBERNETES_NODE_NAME, or nodename in the template, to the name of the Node resource',
  );
}
