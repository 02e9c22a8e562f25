import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import type { PairRequest } from './pair-request.ts';

/** The interface of one ADD. Whatever it makes it registers for undo, once. */
export interface Attachment {
  /** A link of the host end's name stood already: it may be replaced only if it is not another workload's. */
  readonly isNameTaken: boolean;
  /** Makes what needs neither MAC nor addresses, as far as it can, to save time later. */
  prepareEarly(): void;
  /** The same once it is decided that the interface is a new one; fails where that cannot be made. */
  prepare(mac: string): void;
  /** For a dataplane that names the interface: has it made, with addresses reserved first. Undefined where names are ours. */
  makeNamed(reserve: () => Promise<Reserved>): Promise<Named | undefined>;
  /** Makes the interface what `pair` says: a new one, or the one of a container that is added again. */
  attach(pair: PairRequest, isNew: boolean): void;
  close(): void;
}

/** What a container has before a dataplane makes and names its interface. */
export interface Reserved {
  /** As it will be stored, but for what the dataplane names. */
  readonly endpoint: WorkloadEndpoint;
  /** As IPAM gave them, with the prefix length it gave. */
  readonly ips: readonly ReservedIp[];
  /** For the result. */
  readonly routes: readonly string[];
  /** The pod's; none without Kubernetes. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The container had its endpoint already: nothing of it is undone. */
  readonly isOld: boolean;
}

export interface ReservedIp {
  /** With prefix length. */
  readonly address: string;
  /** `<nil>` when there is none: the original prints Go's empty address. */
  readonly gateway: string;
}

/** What a dataplane has made, and for what. */
export interface Named {
  readonly hostName: string;
  /** '' for an interface that has none. */
  readonly mac: string;
  readonly reserved: Reserved;
}
