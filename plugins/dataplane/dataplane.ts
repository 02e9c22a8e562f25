import type { Rollback } from '../../shared/call/rollback.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Failure } from '../../shared/error/failure.ts';
import type { Log } from '../../shared/log/log.ts';
import type { World } from '../../shared/system/world.ts';
import type { Attachment } from './attachment.ts';
import type { ContainerInterface } from './container-interface.ts';
import type { PairRequest } from './pair-request.ts';

/** What connects containers to the network: this host's kernel, or another program. Verbs know no more of it than this. */
export interface Dataplane {
  /** ADD, before any work: refuses when a program is missing that this call needs. */
  requirePrograms(conf: NetConf): void;
  /** STATUS: refuses when no ADD could be served now; `limit` in milliseconds. */
  requireReady(limit: number): Promise<void>;
  /** ADD: opens what is needed to make this interface in the namespace at `netns`; nothing is made yet. */
  open(pair: PairRequest, netns: string, place: Place): Attachment;
  /** CHECK: what is missing of an interface, a sentence each; none where it cannot be seen from here. */
  faults(pair: PairRequest, netns: string, conf: NetConf): readonly string[];
  /** DEL: removes a container's interface. What is gone already is success. */
  remove(removal: Removal): Promise<void>;
  /**
   * GC: the same for a container whose namespace is not known. Throws where its addresses must not be released; resolves
   * to a failure after which they may be.
   */
  removeStale(removal: Removal): Promise<Failure | undefined>;
}

/** Where an ADD's interface is made, and how it is taken back. */
export interface Place {
  readonly world: World;
  readonly log: Log;
  readonly conf: NetConf;
  readonly undo: Rollback;
}

/** An interface that is to go. */
export interface Removal {
  readonly world: World;
  readonly log: Log;
  /** The container's namespace; '' when it is not known. */
  readonly netns: string;
  readonly containerName: string;
  readonly hostName: string;
  readonly ownership: Ownership;
}

/** Whether interfaces belong to the container that is being removed: names may be another one's by now. */
export interface Ownership {
  ofHostEnd(): Promise<boolean>;
  ofContainerInterface(found: ContainerInterface): Promise<boolean>;
}
