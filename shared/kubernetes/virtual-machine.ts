import { type Reader, reader } from '../cni/reader.ts';
import { failure } from '../error/failure.ts';

/** An object as another one's ownerReference names it. */
interface Owner {
  readonly name: string;
  readonly uid: string;
}

/** What a pod says about the virtual machine that it runs. */
export interface Launcher {
  /** The VirtualMachineInstance that controls the pod; undefined for any other pod. */
  readonly instance: Owner | undefined;
  /** The live migration that the pod is the target of; '' if none. */
  readonly migration: string;
  /** The container whose addresses the pod shows; '' if none. */
  readonly shownFor: string;
}

/** A VirtualMachineInstance or a VirtualMachine. */
export interface Machine {
  readonly uid: string;
  readonly isBeingDeleted: boolean;
  /** The VirtualMachine that owns an instance. */
  readonly owner: Owner | undefined;
}

const API_VERSION = 'kubevirt.io/v1';
const MIGRATION = 'kubevirt.io/migrationJobUID';
const SHOWN = ['cni.projectcalico.org/podIP', 'cni.projectcalico.org/containerID'] as const;

/** Reads a pod from the API's JSON; throws a Failure naming the invalid field. */
export function readLauncher(json: unknown): Launcher {
  const metadata = metadataOf(json, 'Pod');
  const annotations = metadata.textMap('annotations');
  const controller = ownersOf(metadata, 'VirtualMachineInstance').find((owner) => owner.flag('controller'));
  return {
    instance: controller === undefined ? undefined : readOwner(controller),
    migration: metadata.textMap('labels')[MIGRATION] ?? '',
    shownFor: (annotations[SHOWN[0]] ?? '') === '' ? '' : (annotations[SHOWN[1]] ?? ''),
  };
}

/** Reads a VirtualMachineInstance or VirtualMachine; throws a Failure naming the invalid field. */
export function readMachine(json: unknown): Machine {
  const metadata = metadataOf(json, 'VirtualMachine');
  const [owner] = ownersOf(metadata, 'VirtualMachine');
  return {
    uid: metadata.text('uid'),
    isBeingDeleted: metadata.has('deletionTimestamp'),
    owner: owner === undefined ? undefined : readOwner(owner),
  };
}

const readOwner = (owner: Reader): Owner => ({ name: owner.text('name'), uid: owner.text('uid') });

const ownersOf = (metadata: Reader, kind: string): readonly Reader[] =>
  metadata
    .objects('ownerReferences')
    .filter((owner) => owner.text('kind') === kind && owner.text('apiVersion') === API_VERSION);

const metadataOf = (json: unknown, kind: string): Reader =>
  reader(json, kind, (why) => failure(`cannot read what the Kubernetes API answered: ${why}`)).object('metadata');
