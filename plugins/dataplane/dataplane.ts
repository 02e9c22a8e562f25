import type { Rollback } from '../../shared/call/rollback.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Failure } from '../../shared/error/failure.ts';
import type { Log } from '../../shared/log/log.ts';
import type { World } from '../../shared/system/world.ts';
import type { Attachment } from './attachment.ts';
import type { ContainerInterface } from './container-interface.ts';
import type { PairRequest } from './pair-request.ts';

/** What connects containers to the network: this host's kernel, or another program. Verbs know only this interface. */
export interface Dataplane {
  /** ADD, before any other work: throws when a program that this call needs is missing. */
  requirePrograms(conf: NetConf): void;
  /** STATUS: throws when an ADD would fail now; `limit` in milliseconds. */
  requireReady(limit: number): Promise<void>;
  /** ADD: opens what is needed to make this interface in the namespace at `netns`. Makes nothing yet. */
  open(pair: PairRequest, netns: string, place: AttachmentScope): Attachment;
  /** CHECK: what is wrong with an interface, one sentence each; none where it cannot be inspected from here. */
  faults(pair: PairRequest, netns: string, conf: NetConf): readonly string[];
  /** DEL: removes a container's interface. Succeeds when it is already gone. */
  remove(removal: Removal): Promise<void>;
  /**
   * GC: the same for a container whose namespace is unknown. Throws when its addresses must not be released; resolves to an
   * error when they may be released all the same.
   */
  removeStale(removal: Removal): Promise<Failure | undefined>;
}

/** Where an ADD's interface is made, and where its undo is registered. */
export interface AttachmentScope {
  readonly world: World;
  readonly log: Log;
  readonly conf: NetConf;
  readonly undo: Rollback;
}

/** An interface to remove. */
export interface Removal {
  readonly world: World;
  readonly log: Log;
  /** The container's namespace; '' when unknown. */
  readonly netns: string;
  readonly containerName: string;
  readonly hostName: string;
  readonly ownership: Ownership;
}

/** Whether interfaces belong to the container that is being removed: another container may have the same names by now. */
export interface Ownership {
  ofHostEnd(): Promise<boolean>;
  ofContainerInterface(found: ContainerInterface): Promise<boolean>;
}
