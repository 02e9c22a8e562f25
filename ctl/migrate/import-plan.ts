import { stringifyJson } from '../../shared/calico/json.ts';
import { parseObject } from '../../shared/calico/stored.ts';
import type { Datastore } from '../../shared/datastore/datastore.ts';
import { get } from '../../shared/datastore/query.ts';
import { type Ref, type RefKind, textOf } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { EXPORTED_KINDS, type Exported } from './export-line.ts';

/** Kinds that some datastores compute from objects of their own: what one cannot take is left out there. */
const COMPUTED: readonly RefKind[] = ['Node', 'Profile', 'WorkloadEndpoint'];

/** Kinds whose objects are made by Calico's components where they start. */
const OWN_MAKING: readonly RefKind[] = [
  'ClusterInformation',
  'Tier',
  'FelixConfiguration',
  'KubeControllersConfiguration',
  'ipamConfig',
  'IPAMConfiguration',
];

/** Kinds of which the datastore must not have more than was exported: a policy or an address deleted since would be back. */
export const MIRRORED_KINDS = EXPORTED_KINDS.filter((kind) => ![...COMPUTED, ...OWN_MAKING].includes(kind));

/** Deletes objects, whatever they are now. */
export function* dropObjects(refs: readonly Ref[]): Plan<Outcome<number>> {
  const view = yield refs.map(get);
  const changes = refs.filter((ref) => view.get(ref) !== undefined).map((ref) => ({ ref, next: undefined }));
  return { changes, answer: changes.length };
}

/** What became of some objects. */
export interface Imported {
  readonly written: number;
  readonly unchanged: number;
  /** What the datastore does not take, and why. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly ref: Ref;
  readonly why: string;
}

export const isComputed = ({ kind }: Ref): boolean => COMPUTED.includes(kind);

/** The cluster's own object, as it is stored while the import is under way: locked. */
export function locked({ ref, value }: Exported): Exported {
  const fields = parseObject(textOf(ref), value);
  const spec = { ...(fields['spec'] as object | undefined), datastoreReady: false };
  return { ref, value: stringifyJson({ ...fields, spec }) };
}

/** Stores objects as they were exported; what is there already with the same value stays. */
export function* importObjects(objects: readonly Exported[], refusal: Datastore['refusal']): Plan<Outcome<Imported>> {
  const view = yield objects.map(({ ref }) => get(ref));
  const leftOut: LeftOut[] = [];
  const different = objects.filter(({ ref, value }) => view.get(ref)?.value !== value);
  const changes = different.flatMap(({ ref, value }) => {
    const refused = isComputed(ref) ? refusal?.({ ref, next: value }) : undefined;
    if (refused === undefined) return [{ ref, next: value }];
    leftOut.push({ ref, why: toFailure(refused).message });
    return [];
  });
  const unchanged = objects.length - different.length;
  return { changes, answer: { written: changes.length, unchanged, leftOut } };
}
