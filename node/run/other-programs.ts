import { type Failure, failure } from '../../shared/error/failure.ts';
import { baseOf } from '../../shared/system/file-name.ts';

/** The programs and listening ports in this machine's network, as far as they can be seen. */
export interface MachinePrograms {
  readonly programs: readonly { readonly pid: number; readonly args: readonly string[] }[];
  /** Whether those are all programs of the machine. */
  readonly areAll: boolean;
  /** TCP ports that somebody listens on. */
  readonly ports: readonly number[];
}

/** Where Felix answers questions about its health. */
const FELIX_HEALTH = 9099;

/** Why routes must not be made here: Calico's own programs make them. Undefined when none of those runs. */
export function refusalBeside({ programs, areAll, ports }: MachinePrograms): Failure | undefined {
  for (const { pid, args } of programs) {
    const what = calicoProgram(args);
    if (what !== undefined) {
      return failure(`${what} runs on this machine (pid ${pid}: ${args.join(' ').slice(0, 80)})`, REMEDY);
    }
  }
  if (areAll || !ports.includes(FELIX_HEALTH)) return undefined;
  return failure(
    `Felix seems to run on this machine: somebody listens on port ${FELIX_HEALTH}, where it answers questions about its health`,
    `not all programs can be seen from this container; ${REMEDY}`,
  );
}

const REMEDY =
  'it makes the routes of this machine, so calicoctl node run has nothing to do here and has changed nothing; to use it ' +
  'instead, stop calico/node first';

/** Calico's program that a command line is; undefined for any other. */
function calicoProgram([program = '', ...args]: readonly string[]): string | undefined {
  const name = baseOf(program);
  const found = PROGRAMS.find(
    ({ names, argument }) => names.includes(name) && args.some((arg) => arg.includes(argument)),
  );
  return found?.what ?? (name === 'calico-felix' ? 'Felix' : name === 'calico-node' ? 'calico/node' : undefined);
}

/** Programs with an argument that tells which they are. */
const PROGRAMS = [
  { names: ['calico-node'], argument: '-felix', what: 'Felix' },
  { names: ['calico-node'], argument: '-confd', what: 'confd' },
  { names: ['confd'], argument: 'calico', what: 'confd' },
  { names: ['bird', 'bird6'], argument: '/etc/calico/confd/', what: 'calico/node’s BIRD' },
  // One executable with all components, since 2026.
  { names: ['calico'], argument: 'component', what: 'calico/node' },
];
