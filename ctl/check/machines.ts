import type { Finding } from './finding.ts';

/** The virtual machines of the cluster, as `namespace/name`; undefined when they are not known. */
export type Machines = ReadonlySet<string> | undefined;

/** An address that a virtual machine has without a pod. */
export interface WithoutPod {
  readonly finding: Finding;
  /** `namespace/name` */
  readonly machine: string;
}

const MARK = '.vmi.';

/** Whether a virtual machine has the handle: `NETWORK.vmi.NAMESPACE.NAME`. */
export const isMachineHandle = (handleID: string): boolean => handleID.includes(MARK);

/** The machine that has a handle, as `namespace/name`; undefined for any other handle. A namespace has no dot. */
export function machineOf(handleID: string): string | undefined {
  const at = handleID.indexOf(MARK);
  const name = at === -1 ? '' : handleID.slice(at + MARK.length);
  const dot = name.indexOf('.');
  return dot <= 0 ? undefined : `${name.slice(0, dot)}/${name.slice(dot + 1)}`;
}

/** The addresses of machines that are gone. Where machines are not known, any may exist. */
export const ofGoneMachines = (held: readonly WithoutPod[], machines: Machines): readonly Finding[] =>
  machines === undefined
    ? []
    : held
        .filter(({ machine }) => !machines.has(machine))
        .map(({ finding, machine }) => ({
          ...finding,
          text: `${finding.text}, virtual machine ${machine} does not exist`,
        }));
