import { type Check, type CheckState, fine } from './check.ts';
import type { KernelModules } from './system.ts';

interface Need {
  readonly module: string;
  /** The kernel's option for it. */
  readonly option: string;
  readonly serves: string;
  /** Without it: `failed` if no pod works. */
  readonly without: CheckState;
}

const NEEDS: readonly Need[] = [
  { module: 'veth', option: 'CONFIG_VETH', serves: 'pods’ interfaces', without: 'failed' },
  { module: 'nf_tables', option: 'CONFIG_NF_TABLES', serves: 'natOutgoing, FORWARD', without: 'failed' },
  { module: 'nf_conntrack', option: 'CONFIG_NF_CONNTRACK', serves: 'natOutgoing', without: 'failed' },
  { module: 'nft_chain_nat', option: 'CONFIG_NFT_NAT', serves: 'natOutgoing', without: 'failed' },
  { module: 'nft_masq', option: 'CONFIG_NFT_MASQ', serves: 'natOutgoing', without: 'failed' },
  { module: 'vxlan', option: 'CONFIG_VXLAN', serves: 'pools with vxlanMode', without: 'warning' },
  { module: 'ipip', option: 'CONFIG_NET_IPIP', serves: 'pools with ipipMode', without: 'warning' },
  { module: 'sch_tbf', option: 'CONFIG_NET_SCH_TBF', serves: 'bandwidth limits', without: 'warning' },
  { module: 'ifb', option: 'CONFIG_IFB', serves: 'bandwidth limits', without: 'warning' },
];

const SECTION = 'kernel modules';

/** What this machine's kernel has of the modules that pods and routes use. */
export const moduleChecks = (modules: KernelModules): readonly Check[] => NEEDS.map((need) => checkOf(need, modules));

function checkOf({ module, option, serves, without }: Need, modules: KernelModules): Check {
  const name = `${module} (${serves})`;
  const how = presence(module, option, modules);
  if (how === 'missing')
    return { section: SECTION, name, state: without, found: how, remedy: `a kernel with ${module} (${option})` };
  if (how !== undefined) return fine(SECTION, name, how);
  const remedy = 'this kernel’s modules and configuration are not in /lib/modules and /boot';
  return { section: SECTION, name, state: 'unknown', found: 'not known', remedy };
}

function presence(module: string, option: string, { loaded, onDisk, builtIn, config }: KernelModules) {
  if (loaded.has(module)) return 'loaded';
  if (builtIn.has(module) || config?.includes(`\n${option}=y\n`)) return 'built in';
  if (onDisk?.has(module)) return 'can be loaded';
  return onDisk !== undefined || config?.includes(`\n# ${option} is not set\n`) ? 'missing' : undefined;
}

/** The names of modules in a list of their files: modules.dep or modules.builtin. */
export function moduleNames(list: string): ReadonlySet<string> {
  const names = list.split('\n').map((line) => {
    const [path = ''] = line.split(':');
    const file = path.slice(path.lastIndexOf('/') + 1);
    const end = file.indexOf('.ko');
    return end < 0 ? '' : file.slice(0, end).replaceAll('-', '_');
  });
  return new Set(names.filter((name) => name !== ''));
}
