import { existsSync, readFileSync, rmSync } from 'node:fs';
import { BASE, type Conf, conf, DUAL, POOL6 } from '../support/cluster.ts';
import type { Ran } from '../support/host.ts';
import { type Bed, type CallChanges, type Container, openBed } from '../support/open-bed.ts';
import type { Boundary } from './hook/boundary.ts';
import { type Bare, bare } from './remains.ts';

/** A machine on which one case after the other is tried, and the containers on it. */
export interface Stage {
  readonly bed: Bed;
  /** Whom the call that meets the fault is for. */
  readonly container: Container;
  /** Those that come before or after it. */
  readonly others: readonly [Container, Container];
  /** What it all looks like without containers. */
  readonly bare: Bare;
  /** Calls the fault build; `faults` as CALICO_FAULT takes them. */
  faulty(verb: string, container: Container, faults: string, configuration: Conf): Promise<Ran>;
  /** The boundaries that the fault build passed since it was asked last. */
  passed(): readonly Boundary[];
}

/** A ready cluster with a pool of either family. */
export const SEED = { ...BASE, ...POOL6 };
/** The configuration of the calls that clean up. */
export const PLAIN = conf({ cniVersion: '1.1.0' });
export const DUAL_STACK = conf({ cniVersion: '1.1.0', ipam: DUAL });

/** A call that takes longer hangs: ADD has 60 s, a removal 20 s. */
export const HANGS_MS = 90_000;

const NOBODY: Container = { containerID: '', netns: '' };
/** The file that the fault build writes its boundaries to. */
const TRACE = '/run/calico-test/boundaries';

/** Opens a machine whose node has a block and whose network has its profile. `program` is the fault build. */
export async function openStage(program: string): Promise<Stage> {
  const bed = await openBed();
  await bed.etcd.put(SEED);
  const [container, one, two] = [await bed.container(), await bed.container(), await bed.container()] as const;
  const before = await bare(bed);
  await bed.add(container, { conf: DUAL_STACK });
  await bed.del(container, { conf: DUAL_STACK });
  const trace = bed.host.file(TRACE);
  return {
    bed,
    container,
    others: [one, two],
    bare: before,
    faulty: (verb, whose, faults, configuration) => {
      const env = { CALICO_FAULT: faults, CALICO_FAULT_TRACE: TRACE };
      return call(bed, verb, whose, configuration, { plugin: program, env });
    },
    passed: () => {
      const lines = existsSync(trace) ? readFileSync(trace, 'utf8').trim().split('\n') : [];
      rmSync(trace, { force: true });
      return lines.map((line) => JSON.parse(line) as Boundary);
    },
  };
}

/** Calls a plugin as a runtime does; a GC, which is about no container, with an empty list of those that are valid. */
export function call(
  bed: Bed,
  verb: string,
  container: Container,
  configuration: Conf = PLAIN,
  more: CallChanges = {},
): Promise<Ran> {
  const changes = { killAfter: HANGS_MS, ...more };
  if (verb !== 'GC') return bed.call(verb, container, { ...changes, conf: configuration });
  const env = { CNI_IFNAME: '', ...changes.env };
  const none = { ...configuration, 'cni.dev/valid-attachments': [] };
  return bed.call('GC', NOBODY, { ...changes, conf: none, netns: '', env });
}
