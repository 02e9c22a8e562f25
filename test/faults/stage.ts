import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tools } from '../../build/tools.ts';
import { type Bed, type CallChanges, type Container, openBed } from '../support/bed/open-bed.ts';
import { environment } from '../support/calls/call.ts';
import type { Dump } from '../support/etcd/etcd.ts';
import type { Host, Ran } from '../support/host/host.ts';
import { bringUpForeignPod } from '../support/kubernetes/foreign-pod.ts';
import { BASE, type Conf, conf, DUAL, POOL6 } from '../support/stored/cluster.ts';
import type { Boundary } from './hook/boundary.ts';
import { type Bare, bare } from './remains.ts';

/** A machine on which one case after another is run, and its containers. */
export interface Stage {
  readonly bed: Bed;
  /** The container of the call that meets the fault. */
  readonly container: Container;
  /** The containers of the calls before and after it. */
  readonly others: readonly [Container, Container];
  /** The machine's state without containers. */
  readonly bare: Bare;
  /** What etcd holds without containers. */
  readonly seed: Dump;
  /** Calls the fault build. `faults` is the value of CALICO_FAULT. */
  faulty(verb: string, container: Container, faults: string, made: Made): Promise<Ran>;
  /** The boundaries that the fault build has passed since the last query. */
  passed(): readonly Boundary[];
}

/** What a runtime passes to a call. */
export interface Made {
  readonly conf: Conf;
  readonly args?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The call's standard output cannot be written. */
  readonly isUnread?: boolean;
}

/** A ready cluster with one pool per family. */
const SEED = { ...BASE, ...POOL6 };
/** The configuration of the calls that clean up. */
export const PLAIN = conf({ cniVersion: '1.1.0' });
export const DUAL_STACK = conf({ cniVersion: '1.1.0', ipam: DUAL });

/** A call that takes longer hangs: ADD has 60 s, the others have 20 s. */
export const HANGS_MS = 90_000;

const NOBODY: Container = { containerID: '', netns: '' };
/** The file to which the fault build writes its boundaries. */
const TRACE = '/run/calico-test/boundaries';
/** Starts the fault build with a full disk as its standard output. */
const UNREAD = '/run/calico-test/unread';
/** The configuration of another network's GC, which has no containers here. */
const OTHERS_GC = '/run/calico-test/others-gc.json';

/** Sets up a machine whose node has a block and whose network has its profile. `program` is the fault build. */
export async function openStage(program: string): Promise<Stage> {
  const bed = await openBed();
  await bed.etcd.put(SEED);
  await bringUpForeignPod(bed.host);
  const seed = await bed.etcd.dump();
  const [container, one, two] = [await bed.container(), await bed.container(), await bed.container()] as const;
  const before = await bare(bed);
  await bed.add(container, { conf: DUAL_STACK });
  await bed.del(container, { conf: DUAL_STACK });
  const trace = bed.host.file(TRACE);
  writeFileSync(bed.host.file(UNREAD), `#!/bin/sh\nexec ${program} >/dev/full\n`, { mode: 0o755 });
  writeFileSync(bed.host.file(OTHERS_GC), JSON.stringify(conf({ ...NONE_VALID, cniVersion: '1.1.0', name: 'net2' })));
  return {
    bed,
    container,
    others: [one, two],
    bare: before,
    seed,
    faulty: (verb, whose, faults, made) => {
      const env = {
        ...made.env,
        CALICO_FAULT: faults,
        CALICO_FAULT_TRACE: TRACE,
        CALICO_FAULT_BESIDE: beside(bed.host),
      };
      return call(bed, verb, whose, { ...made, env }, { plugin: made.isUnread ? UNREAD : program });
    },
    passed: () => {
      const lines = existsSync(trace) ? readFileSync(trace, 'utf8').trim().split('\n') : [];
      rmSync(trace, { force: true });
      return lines.map((line) => JSON.parse(line) as Boundary);
    },
  };
}

const NONE_VALID = { 'cni.dev/valid-attachments': [] };

/** In the host's namespace, because the concurrent ADD may be in the container's. */
const beside = ({ pid }: Host): string => {
  const variables = Object.entries(environment({ command: 'GC', conf: '', ifname: '' }));
  const words = [
    'nsenter',
    `--net=/proc/${pid}/ns/net`,
    'env',
    ...variables.map(([name, value]) => `${name}=${value}`),
  ];
  return `${words.join(' ')} ${tools().bin}/calico <${OTHERS_GC}`;
};

/** Calls a plugin as a runtime does. GC has no container and gets an empty list of attachments. */
export function call(
  bed: Bed,
  verb: string,
  container: Container,
  { conf: configuration, args, env = {} }: Made = { conf: PLAIN },
  more: CallChanges = {},
): Promise<Ran> {
  const changes = { killAfter: HANGS_MS, env, ...(args === undefined ? {} : { args }), ...more };
  if (verb !== 'GC') return bed.call(verb, container, { ...changes, conf: configuration });
  const none = { ...configuration, ...NONE_VALID };
  return bed.call('GC', NOBODY, { ...changes, conf: none, netns: '', args: '', env: { ...env, CNI_IFNAME: '' } });
}
