import { keepsForeignRoutes, leavesInterfaces, UNMANAGED } from '../../ctl/install/network-programs.ts';
import { type Check, fine } from './check.ts';
import type { NamedText, System } from './system.ts';

const SECTION = 'other software';

/** Interfaces that other networks of pods leave behind. */
const FOREIGN: readonly (readonly [prefix: string, plugin: string])[] = [
  ['flannel', 'flannel'],
  ['cni0', 'flannel or bridge'],
  ['weave', 'Weave Net'],
  ['cilium', 'Cilium'],
  ['lxc_health', 'Cilium'],
  ['kube-bridge', 'kube-router'],
  ['antrea-gw', 'Antrea'],
  ['ovn-k8s', 'OVN-Kubernetes'],
];

/** Programs and files that change routes, or that networked pods before. */
export function neighbourChecks(system: System): readonly Check[] {
  return [
    besides(system.rival),
    networkManager(system),
    networkd(system),
    ...leftInterfaces(system.interfaces),
    firstConf(system.netConfs),
  ];
}

function besides(rival: string | undefined): Check {
  const name = 'calico/node';
  if (rival === undefined) return fine(SECTION, name, 'not running');
  const remedy = 'nothing if calico/node is wanted; calicoctl node run refuses to start beside it';
  return { section: SECTION, name, state: 'warning', found: rival, remedy };
}

function networkManager({ running, managers }: System): Check {
  const name = 'NetworkManager';
  if (!running.has('NetworkManager')) return fine(SECTION, name, 'not running');
  if (managers.NetworkManager.some(({ text }) => leavesInterfaces(text)))
    return fine(SECTION, name, 'leaves cali* alone');
  const remedy = `write to /etc/NetworkManager/conf.d/calico.conf: [keyfile] and ${UNMANAGED}`;
  return { section: SECTION, name, state: 'warning', found: 'manages cali*', remedy };
}

function networkd({ running, managers }: System): Check {
  const name = 'systemd-networkd';
  if (!running.has('systemd-network')) return fine(SECTION, name, 'not running');
  if (managers['systemd-networkd'].some(({ text }) => keepsForeignRoutes(text)))
    return fine(SECTION, name, 'leaves foreign routes alone');
  const remedy = 'write to /etc/systemd/networkd.conf.d/calico.conf: [Network] and ManageForeignRoutes=no';
  return { section: SECTION, name, state: 'warning', found: 'removes foreign routes when it restarts', remedy };
}

function leftInterfaces(interfaces: readonly string[]): readonly Check[] {
  const name = 'other networks of pods';
  const left = FOREIGN.flatMap(([prefix, plugin]) =>
    interfaces.filter((link) => link.startsWith(prefix)).map((link) => ({ link, plugin })),
  );
  if (left.length === 0) return [fine(SECTION, name, 'no interfaces of theirs')];
  return left.map(({ link, plugin }) => {
    const remedy = `if ${plugin} is no longer used: ip link delete ${link}; its rules end with a reboot`;
    return { section: SECTION, name, state: 'warning', found: `interface ${link} of ${plugin}`, remedy };
  });
}

/** Runtimes use the first file by name. */
function firstConf(confs: readonly NamedText[]): Check {
  const name = 'network configuration';
  const [first] = confs;
  if (first === undefined) {
    const remedy = 'calico-install writes it, if pods are made by a runtime';
    return { section: SECTION, name, state: 'ok', found: 'none', remedy };
  }
  if (typesIn(first.text).includes('calico')) return fine(SECTION, name, first.path);
  const remedy = `runtimes use the first file by name: remove ${first.path}, or let Calico’s come before it`;
  return { section: SECTION, name, state: 'warning', found: `${first.path} is of another plugin`, remedy };
}

function typesIn(text: string): readonly unknown[] {
  try {
    const conf = JSON.parse(text);
    return [
      conf?.type,
      ...(Array.isArray(conf?.plugins) ? conf.plugins.map((each: { type?: unknown }) => each?.type) : []),
    ];
  } catch {
    return [];
  }
}
