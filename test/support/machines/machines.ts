import { type Host, startHost } from '../host/host.ts';
import { type Machine, type Place, startMachine } from './machine.ts';
import type { MachineStore, StoreName } from './machine-store.ts';
import { startStore } from './store.ts';
import { addressIn, plugIn, type Subnet, startRouter } from './wires.ts';

/** Several machines in two subnets with a router between them, a datastore that all reach, and a host outside. */
export interface Machines {
  readonly router: Host;
  readonly store: MachineStore;
  /** A host that knows the machines' subnets, and no pods. */
  readonly outside: { readonly host: Host; readonly address: string };
  readonly all: readonly Machine[];
  /** A machine by its name. */
  machine(name: string): Machine;
  /** Adds one, with its Node. */
  add(name: string, subnet: Subnet): Promise<Machine>;
  /** Ends a machine as a power cut does, and starts it again with its name and addresses, and without its pods and files. */
  reboot(name: string): Promise<Machine>;
  /** Ends a machine: its cable, processes and files. Its objects stay. */
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface Layout {
  readonly store?: StoreName;
  /** In which subnet each machine is. */
  readonly in?: Readonly<Record<string, Subnet>>;
  /** Options of `calicoctl init` on the first machine. */
  readonly init?: string;
}

const POOL = '192.168.0.0/16';

/** Starts them. Everything ends with the test process at the latest. */
export async function openMachines({
  store: storeName = 'etcd',
  in: places = { node1: 1, node2: 1, node3: 2 },
  init = `--cidr=${POOL} --block-size=28`,
}: Layout = {}): Promise<Machines> {
  const undo: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const router = await startRouter();
    undo.push(() => router.stop());
    const store = await startStore(storeName, router);
    undo.push(() => store.close());
    const outside = await startHost({ whole: false, script: '' });
    undo.push(() => outside.stop());
    await plugIn(router, outside, 'outside', 'outside', 1);
    const cluster = clusterOf(router, store, init);
    undo.push(cluster.stop);
    for (const [name, subnet] of Object.entries(places)) await cluster.add(name, subnet);
    const { all, add, machine, remove, reboot } = cluster;
    return {
      router,
      store,
      outside: { host: outside, address: addressIn('outside', 1) },
      all,
      add,
      machine,
      remove,
      reboot,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function clusterOf(router: Host, store: MachineStore, init: string) {
  const all: Machine[] = [];
  let number = 0;
  const machine = (name: string): Machine => {
    const found = all.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no machine ${name}`);
    return found;
  };
  const start = async (place: Place) => {
    const started = await startMachine(router, store, place);
    all.push(started);
    const { address, address6 } = started;
    await started.said(`init --node=${place.name} --ip=${address}/24 --ip6=${address6}/64 ${init}`.trim());
    return started;
  };
  const stop = async (name: string) => {
    const gone = machine(name);
    all.splice(all.indexOf(gone), 1);
    await gone.host.stop();
    return gone;
  };
  return {
    all,
    machine,
    add: async (name: string, subnet: Subnet) => {
      await store.addNode(name);
      return start({ name, subnet, number: ++number, boot: 0 });
    },
    reboot: async (name: string) => {
      const { place } = await stop(name);
      return start({ ...place, boot: place.boot + 1 });
    },
    remove: async (name: string) => {
      await stop(name);
    },
    stop: async () => {
      for (const each of all) await each.host.stop();
    },
  };
}
