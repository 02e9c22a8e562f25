import type { Survey } from './findings.ts';
import { keepsForeignRoutes, leavesInterfaces, UNMANAGED } from './network-programs.ts';
import type { Settings } from './settings.ts';

/** Links that show that another network plugin is installed. */
const FOREIGN: Readonly<Record<string, string>> = {
  'flannel.1': 'flannel',
  cni0: 'the plugin bridge (flannel and others)',
  cbr0: 'kubenet',
  weave: 'Weave Net',
  'kube-bridge': 'kube-router',
  cilium_host: 'Cilium',
  'antrea-gw0': 'Antrea',
  'ovn-k8s-mp0': 'OVN-Kubernetes',
};

/** A file that makes NetworkManager ignore Calico's interfaces. */
export const NETWORK_MANAGER = `# The interfaces of Calico are set up by Calico alone; written by calico-install.
[keyfile]
${UNMANAGED}
`;

/** Whether another file already makes NetworkManager ignore them. */
export const isUnmanagedAlready = ({ networkManager }: Survey, ours: string): boolean =>
  networkManager.some(({ name, text }) => name !== ours && leavesInterfaces(text));

/** What on the node prevents pods from working, now or later. Nothing of it is changed. */
export function advice(settings: Settings, survey: Survey): readonly string[] {
  return [...foreignRoutes(survey), ...leftovers(survey), ...listsBefore(settings, survey)];
}

function foreignRoutes({ networkd }: Survey): readonly string[] {
  if (networkd === undefined || keepsForeignRoutes(networkd)) return [];
  return [
    'systemd-networkd runs here and removes the pods’ routes when it restarts: put ManageForeignRoutes=no into [Network] of ' +
      '/etc/systemd/networkd.conf.d/calico.conf, then restart it',
  ];
}

function leftovers({ interfaces }: Survey): readonly string[] {
  return interfaces.flatMap((name) =>
    FOREIGN[name] === undefined
      ? []
      : [`the link ${name} belongs to ${FOREIGN[name]}: when no pod uses it any more, run ip link delete ${name}`],
  );
}

/** Runtimes use the first configuration by name. */
function listsBefore({ netFolder, confName, oldConfName }: Settings, { net }: Survey): readonly string[] {
  const lists = net.filter(({ name }) => /\.(conf|conflist|json)$/.test(name) && name !== oldConfName);
  return lists
    .filter(({ name }) => name < confName)
    .map(
      ({ name }) =>
        `the runtime uses ${netFolder}/${name} instead of ${confName}, because its name sorts first: move it away`,
    );
}
