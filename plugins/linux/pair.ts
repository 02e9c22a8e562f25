import type { Attachment, HostEnd } from '../dataplane/attachment.ts';
import type { AttachmentScope } from '../dataplane/dataplane.ts';
import { readHostRoutes } from './host-routes.ts';
import { configurePair, createPair, isTaken, linkExists, removeHostLink, repairPair } from './kernel.ts';
import type { Netns } from './netns.ts';
import { containerLink } from './pair-state.ts';
import { withoutTrace } from './trace.ts';
import type { VethRequest } from './veth-plan.ts';

/**
 * The interface pair of one ADD. Makes it, replaces it when its MAC changes, repairs the pair of a container that is added
 * again, and undoes what it has made.
 */
export class Pair implements Attachment {
  readonly #wanted: VethRequest;
  readonly #netns: Netns;
  readonly #place: AttachmentScope;
  #isNameTaken: boolean | undefined;
  /** The request that the pair was last made for; undefined before. */
  #made: VethRequest | undefined;

  /** `wanted`: the pair as far as it is known. `close` closes the namespace. */
  constructor(wanted: VethRequest, netns: Netns, place: AttachmentScope) {
    this.#wanted = wanted;
    this.#netns = netns;
    this.#place = place;
  }

  /** Looked up once, before anything is made. */
  get isNameTaken(): boolean {
    this.#isNameTaken ??= linkExists(this.#wanted.hostName);
    return this.#isNameTaken;
  }

  /** Of our own name it counts whether the interface existed before this ADD. */
  goneAmong<E extends HostEnd>(ends: readonly E[]): readonly E[] {
    const own = this.#wanted.hostName;
    const exists = (name: string) => (name === own ? this.isNameTaken : linkExists(name));
    return withoutTrace(ends, readHostRoutes(), exists);
  }

  mac(): string | undefined {
    return containerLink(this.#netns, this.#wanted.containerName)?.mac;
  }

  /** A name may be taken by this very container, which only the datastore can tell. */
  prepareEarly(): void {
    try {
      this.prepare(this.#wanted.mac);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }

  /** An existing link is replaced only after the decision has seen whose it is. */
  prepare(mac: string): void {
    if (!this.isNameTaken && this.#made === undefined) this.#make({ ...this.#wanted, mac });
  }

  /** We choose the names, so they are known before anything is made. */
  async makeNamed(): Promise<undefined> {
    return undefined;
  }

  attach(pair: Pick<VethRequest, 'mac' | 'addresses' | 'hostRoutes'>, isNew: boolean): void {
    const { mac, addresses, hostRoutes } = pair;
    const request = { ...this.#wanted, mac, addresses, hostRoutes };
    if (isNew) {
      if (this.#made?.mac !== request.mac) this.#replace(request);
      configurePair(request, this.#netns, this.#place.log);
    } else {
      repairPair(request, this.#netns, this.#place.log);
    }
  }

  close(): void {
    this.#netns.close();
  }

  #replace(request: VethRequest): void {
    removeHostLink(request.hostName);
    this.#make(request);
  }

  #make(request: VethRequest): void {
    const isFirst = this.#made === undefined;
    createPair(request, this.#netns, this.#place.log);
    this.#made = request;
    if (isFirst) this.#place.undo.add('remove the interface pair', () => this.#remove());
  }

  /** Leaves another call's pair of the same name alone; the MAC in the container tells them apart. */
  #remove(): void {
    const { hostName } = this.#wanted;
    if (this.mac() === this.#made?.mac) removeHostLink(hostName);
  }
}
