import { setTimeout as sleep } from 'node:timers/promises';
import { ours, REFERENCE, reference } from './contestants.ts';
import type { Line } from './figures.ts';
import { allAtOnce, counted, type Flood, floodFigures, mustBeDistinct } from './floods.ts';
import { type Contestant, newPod } from './race.ts';
import { netnsOf, type Stage, withCluster } from './stage.ts';

const PODS = 100;
const FEW = 20;
const ROUNDS = 5;
const FEW_ROUNDS = 2;
/** Time for the kernel to finish with so many interfaces. */
const PAUSE = 1000;

interface Side {
  readonly name: string;
  /** The plugin for the container in a namespace. */
  readonly inside: (netns: string) => Contestant;
  readonly adds: Flood[];
  readonly dels: Flood[];
}

/** All pods of a node are added at once, then all deleted at once. Ours and the reference take turns. */
export function measureBurst(stage: Stage): Promise<readonly Line[]> {
  const pods = stage.quick ? FEW : PODS;
  return withCluster(stage, async (etcd) => {
    const names = Array.from({ length: pods }, (_, index) => `burst${index}`);
    const namespaces = await Promise.all(names.map((name) => netnsOf(stage, name)));
    const peer = reference('none');
    const sides: readonly Side[] = [
      { name: 'calico', inside: (netns) => ours({ name: 'calico', etcd, netns }), adds: [], dels: [] },
      { name: REFERENCE, inside: (netns) => within(peer, netns), adds: [], dels: [] },
    ];
    for (let round = 0; round < (stage.quick ? FEW_ROUNDS : ROUNDS); round++) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) await burst(side, namespaces);
    }
    return sides.flatMap((side) => linesOf(side, pods));
  });
}

const within = (contestant: Contestant, netns: string): Contestant => ({
  ...contestant,
  call: (command, pod) => ({ ...contestant.call(command, pod), netns }),
});

async function burst({ inside, adds, dels }: Side, namespaces: readonly string[]): Promise<void> {
  const pods = namespaces.map((netns) => ({ contestant: inside(netns), pod: newPod(0) }));
  const flood = (command: string) =>
    counted(pods[0]?.contestant.etcd, () =>
      allAtOnce(pods.map(({ contestant, pod }) => contestant.call(command, pod))),
    );
  const added = await flood('ADD');
  mustBeDistinct(added);
  await sleep(PAUSE);
  const deleted = await flood('DEL');
  await sleep(PAUSE);
  adds.push(added);
  dels.push(deleted);
}

function linesOf({ name, adds, dels }: Side, pods: number): readonly Line[] {
  const lineOf = (what: string, floods: readonly Flood[]): Line => ({
    name: `${pods} ${what} at once, ${name}`,
    figures: floodFigures(floods),
    ...(name === REFERENCE ? {} : { against: `${pods} ${what} at once, ${REFERENCE}` }),
  });
  return [lineOf('ADD', adds), lineOf('DEL', dels)];
}
