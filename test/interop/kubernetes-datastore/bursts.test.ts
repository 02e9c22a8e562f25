import { beforeEach, expect, test } from 'vitest';
import { addressesOf, resultOf, silentSuccess } from '../../support/calls/call.ts';
import type { Request } from '../../support/kubernetes/audit.ts';
import { type KubernetesBed, kddPod } from '../../support/kubernetes-datastore/bed.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { expectNothingHeld, journalledOn } from '../../support/kubernetes-datastore/held.ts';

const AT_ONCE = 40;
/** A call that has queued for so long goes on without its turn, and may lose races. */
const PATIENCE_MS = 5_000;
const MOST_CONFLICTS = 5;
/** A call that was passed nothing reads the block again: the one before had passed it on, but not yet ended its turn, when this one began. */
const MOST_READ_AGAIN = 5;
/** A DEL that takes longer, as on a very busy machine, leaves its release to the next call. */
const DEL_LIMIT_MS = 10_000;

inBothGroups('many calls at once in %s', (bed) => {
  beforeEach(() => bed.reset());

  test(`${AT_ONCE} ADDs on a new node, and as many on one that has its block, write the block once each`, async () => {
    const first = await podsOf(bed);
    await addAll(bed, first);
    await deleteAll(bed, first);
    await expectNothingHeld(bed);
    const one = (await podsOf(bed)).slice(0, 1);
    await addAll(bed, one);
    const next = (await podsOf(bed)).slice(1);
    const { requests, isPatient } = await addAll(bed, next);
    const read = requests.filter(({ resource, verb }) => resource === 'ipamblocks' && verb === 'get');
    // Each reads it with its first round. What it needs in its turn, the call before it has passed on.
    if (isPatient) expect(read.length).toBeLessThanOrEqual(next.length + MOST_READ_AGAIN);
    expect(await bed.faults()).toEqual([]);
    await deleteAll(bed, [...one, ...next]);
    await expectNothingHeld(bed);
  }, 240_000);
});

interface Pod {
  readonly container: Awaited<ReturnType<KubernetesBed['container']>>;
  readonly name: Awaited<ReturnType<KubernetesBed['pod']>>;
}

async function podsOf(bed: KubernetesBed): Promise<readonly Pod[]> {
  const names = await Promise.all(Array.from({ length: AT_ONCE }, () => bed.pod()));
  const pods: Pod[] = [];
  for (const name of names) pods.push({ name, container: await bed.container() });
  return pods;
}

async function addAll(bed: KubernetesBed, pods: readonly Pod[]) {
  const { result, requests } = await bed.asked(() =>
    Promise.all(
      pods.map(async ({ container, name }) => {
        const ran = await bed.call('ADD', container, kddPod(name));
        return { millis: ran.millis, address: addressesOf(resultOf(ran))[0] };
      }),
    ),
  );
  report('ADDs', result, requests);
  expect(new Set(result.map(({ address }) => address)).size).toBe(pods.length);
  const blocks = requests.filter((request) => request.resource === 'ipamblocks' && isWrite(request));
  expect(blocks.filter(({ code }) => code < 300)).toHaveLength(pods.length);
  const isPatient = result.every(({ millis }) => millis < PATIENCE_MS);
  const conflicts = conflictsIn(requests);
  expect(conflicts.length, conflicts.join('\n')).toBeLessThanOrEqual(isPatient ? 0 : MOST_CONFLICTS);
  expect(await bed.faults()).toEqual([]);
  return { requests, isPatient };
}

async function deleteAll(bed: KubernetesBed, pods: readonly Pod[]): Promise<void> {
  const { result, requests } = await bed.asked(() =>
    Promise.all(
      pods.map(async ({ container, name }) => {
        const ran = await bed.call('DEL', container, kddPod(name));
        return { ...ran, id: container.containerID };
      }),
    ),
  );
  for (const ran of result) silentSuccess(ran);
  report('DELs', result, requests);
  const lost = conflictsIn(requests);
  expect(lost.length, lost.join('\n')).toBeLessThanOrEqual(MOST_CONFLICTS);
  const waiting = journalledOn(bed);
  const late = result.filter(({ millis }) => millis >= DEL_LIMIT_MS).map(({ id }) => id);
  expect(waiting.filter((id) => !late.includes(id))).toEqual([]);
  if (waiting.length > 0) {
    console.error(`${waiting.length} releases took longer than ${DEL_LIMIT_MS} ms: the next call does them`);
    await bed.del(await bed.container(), kddPod({ namespace: 'prod', pod: 'none' }));
  }
  expect(journalledOn(bed)).toEqual([]);
}

/** How long calls took, and what they asked. */
function report(what: string, calls: readonly { readonly millis: number }[], requests: readonly Request[]): void {
  const millis = calls.map((each) => Math.round(each.millis));
  const writesOf = (resource: string) => requests.filter((each) => each.resource === resource && isWrite(each)).length;
  const conflicts = conflictsIn(requests).length;
  const writes = ['blockaffinities', 'ipamblocks', 'ipamhandles', 'pods/status'].map(
    (resource) => `${writesOf(resource)} ${resource}`,
  );
  const took = `${Math.min(...millis)}-${Math.max(...millis)} ms`;
  console.error(
    `${calls.length} ${what}: ${took}, ${requests.length} requests, ${conflicts} conflicts, writes of ${writes.join(', ')}`,
  );
}

/** Which writes lost a race. */
const conflictsIn = (requests: readonly Request[]): readonly string[] =>
  requests.filter(({ code }) => code === 409).map(({ verb, resource, name }) => `${verb} ${resource} ${name}`);

const isWrite = ({ verb }: Request): boolean => !['get', 'list'].includes(verb);
