import { tools } from '../../../build/tools.ts';
import { addressesOf } from '../calls/call.ts';
import { type Container, type Containers, containersOn } from '../calls/containers.ts';
import { type Host, type Ran, startHost } from '../host/host.ts';
import type { Conf } from '../stored/cluster.ts';
import type { MachineStore } from './machine-store.ts';
import { type Ping, type PingCount, pingCount, startPing } from './ping.ts';
import { address6In, addressIn, plugIn, type Subnet } from './wires.ts';

/** Which machine it is. */
export interface Place {
  readonly name: string;
  readonly subnet: Subnet;
  /** The last part of its addresses. */
  readonly number: number;
  /** How often it has been started before. */
  readonly boot: number;
}

/** A machine of a cluster: its own processes, network, name, /etc and Calico folders. */
export interface Machine {
  readonly name: string;
  readonly subnet: Subnet;
  readonly place: Place;
  readonly address: string;
  readonly address6: string;
  readonly host: Host;
  /** The environment of the cluster’s programs. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs calicoctl with the usual environment of the cluster. */
  calicoctl(line: string, input?: string): Promise<Ran>;
  /** The same; throws unless it succeeds. */
  said(line: string, input?: string): Promise<string>;
  /** A new pod, connected by our plugin; `changes` are of its network configuration, `args` is its CNI_ARGS. */
  pod(changes?: Conf, args?: string): Promise<Pod>;
  /** The command line that runs something here. */
  enter(): readonly string[];
}

/** A pod on a machine. */
export interface Pod {
  readonly machine: Machine;
  readonly address: string;
  readonly addresses: readonly string[];
  readonly container: Container;
  enter(): readonly string[];
  /** Echoes to an address until stopped. */
  ping(to: string, options?: Parameters<typeof startPing>[2]): Ping;
  /** Some echoes to an address. */
  count(to: string, options?: Parameters<typeof pingCount>[2]): Promise<PingCount>;
  /** Removes it by our plugin. */
  remove(): Promise<void>;
}

/** Its /etc can be written to, and stays as it is for everybody else. */
const script = (name: string) => `
mkdir -p /run/etc/upper /run/etc/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work /etc
mkdir -p /etc/calico /etc/cni/net.d
echo ${name} | tee /etc/hostname > /proc/sys/kernel/hostname
echo 0 > /proc/sys/net/ipv4/ip_forward
echo 0 > /proc/sys/net/ipv6/conf/all/forwarding`;

/** Starts a machine in a subnet, with the address of this number. */
export async function startMachine(router: Host, store: MachineStore, place: Place): Promise<Machine> {
  const { name, subnet, number, boot } = place;
  const host = await startHost({ whole: true, script: script(name) });
  await plugIn(router, host, name, subnet, number);
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...store.furnish(host) };
  const containers = containersOn(
    host,
    () => store.conf(name),
    `${boot.toString(16)}${number.toString(16).padStart(2, '0')}`,
  );
  const calicoctl = (line: string, input = '') => host.run(`${tools().bin}/calicoctl`, line.split(' '), { env, input });
  const machine: Machine = {
    name,
    subnet,
    place,
    address: addressIn(subnet, number),
    address6: address6In(subnet, number),
    host,
    env,
    calicoctl,
    said: async (line, input) => {
      const ran = await calicoctl(line, input);
      if (ran.exit === 0) return ran.stdout;
      throw new Error(`${name}: calicoctl ${line}: exit ${ran.exit}\n${ran.stdout}${ran.stderr}`);
    },
    pod: (changes = {}, args = '') => connect(machine, containers, store, { changes, args }),
    enter: () => host.enter(),
  };
  return machine;
}

async function connect(
  machine: Machine,
  containers: Containers,
  store: MachineStore,
  asked: { readonly changes: Conf; readonly args: string },
): Promise<Pod> {
  const container = await containers.container();
  const forPod = await store.forPod(machine.name);
  const args = [forPod.args, asked.args].filter((each) => each !== undefined && each !== '').join(';');
  const changes = { ...forPod, args, conf: { ...store.conf(machine.name), ...asked.changes } };
  const addresses = addressesOf(await containers.add(container, changes));
  const [address = ''] = addresses;
  const enter = () => [...machine.enter(), 'nsenter', `--net=/run/netns/${container.netns}`, '--'];
  return {
    machine,
    address,
    addresses,
    container,
    enter,
    ping: (to, options) => startPing(enter(), to, options),
    count: (to, options) => pingCount(enter(), to, options),
    remove: () => containers.del(container, changes),
  };
}
