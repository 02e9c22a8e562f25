import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import type { PairRequest } from './pair-request.ts';

/** The interface of one ADD. It registers an undo for whatever it makes, once. */
export interface Attachment {
  /** A link with the host end's name already exists. It may be replaced only if it is not another workload's. */
  readonly isNameTaken: boolean;
  /** Those of these host ends that are gone: no interface, and no route to the address. None where that cannot be seen from here. */
  goneAmong<E extends HostEnd>(ends: readonly E[]): readonly E[];
  /** The MAC of the container's interface; undefined when it has none, or when the dataplane chooses it. */
  mac(): string | undefined;
  /** To save time later: makes what needs neither MAC nor addresses, as far as possible. */
  prepareEarly(): void;
  /** The same, once it is decided that the interface is new. Throws when it cannot be made. */
  prepare(mac: string): void;
  /** For a dataplane that chooses the names: reserves addresses, then has the interface made. Undefined where we choose the names. */
  makeNamed(reserve: () => Promise<Reserved>): Promise<MadePair | undefined>;
  /** Makes the interface match `pair`: a new one, or that of a container that is added again. */
  attach(pair: PairRequest, isNew: boolean): void;
  close(): void;
}

/** The host's side of a container. */
export interface HostEnd {
  readonly hostName: string;
  readonly address: string;
}

/** What a container has before a dataplane makes and names its interface. */
export interface Reserved {
  /** As it will be stored, without what the dataplane decides. */
  readonly endpoint: WorkloadEndpoint;
  /** As IPAM returned them, with the prefix length it gave. */
  readonly ips: readonly ReservedIp[];
  /** For the result. */
  readonly routes: readonly string[];
  /** The pod's; none without Kubernetes. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The container already had its endpoint, so nothing of it is undone. */
  readonly isOld: boolean;
}

export interface ReservedIp {
  /** With prefix length. */
  readonly address: string;
  /** `<nil>` without a gateway: the original prints Go's empty address. */
  readonly gateway: string;
}

/** What a dataplane has made, and the reservation it was made for. */
export interface MadePair {
  readonly hostName: string;
  /** '' for an interface without a MAC. */
  readonly mac: string;
  readonly reserved: Reserved;
}
