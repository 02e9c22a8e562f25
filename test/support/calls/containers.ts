import type { Host, Ran } from '../host/host.ts';
import { addNetns, netnsPath } from '../network/netns.ts';
import type { Conf } from '../stored/cluster.ts';
import { type Call, type CniResult, callPlugin, resultOf, silentSuccess } from './call.ts';

/** A container on the bed: its ID and its namespace. */
export interface Container {
  readonly containerID: string;
  /** Name of its network namespace. */
  readonly netns: string;
}

/** What a test may change in a call. */
export type CallChanges = Partial<Omit<Call, 'conf'>> & { readonly conf?: Conf | string };

/** Containers on a machine, and how the plugins are called for them. */
export interface Containers {
  /** A container with a new namespace. IDs are lower-case hex, as runtimes make them. */
  container(): Promise<Container>;
  /** Calls `calico` (or another plugin) for a container. */
  call(command: string, container: Container, changes?: CallChanges): Promise<Ran>;
  /** Runs an ADD that must succeed. */
  add(container: Container, changes?: CallChanges): Promise<CniResult>;
  /** Runs a DEL that must succeed without output. */
  del(container: Container, changes?: CallChanges): Promise<void>;
  /** The namespaces of all containers created here. */
  readonly namespaces: readonly string[];
}

/** `usual`: the configuration of calls without their own. `family`: lower-case hex that the IDs begin with, one for each machine of a cluster. */
export function containersOn(host: Host, usual: () => Conf, family = 'c'): Containers {
  const namespaces: string[] = [];
  const container = async () => {
    const number = namespaces.length + 1;
    const netns = `pod${number}`;
    namespaces.push(netns);
    await addNetns(host, netns);
    // The host end is named after the first eleven characters, so they must differ.
    return { containerID: `${family}${String(number).padStart(4, '0')}${'0123456789abcdef'.repeat(2)}`, netns };
  };
  const call = (command: string, { containerID, netns }: Container, changes: CallChanges = {}) =>
    callPlugin(host, { command, containerID, netns: netnsPath(netns), conf: usual(), ...changes });
  return {
    container,
    call,
    add: async (...args) => resultOf(await call('ADD', ...args)),
    del: async (...args) => silentSuccess(await call('DEL', ...args)),
    namespaces,
  };
}
