import type { Ref } from '../../shared/datastore/ref.ts';
import type { Feed, WatchedKind } from '../../shared/datastore/watch.ts';
import type { Failure } from '../../shared/error/failure.ts';
import type { World } from '../../shared/system/world.ts';
import type { Keep } from '../state/kept-objects.ts';
import { type KindCopy, openKindCopy } from '../state/kind-copy.ts';
import type { ServiceRouting } from '../state/network-state.ts';
import { dependsOnEndpoints, serviceRouting } from './served-routing.ts';
import { type StoredService, type StoredSlice, storedService, storedSlice } from './stored-objects.ts';

export interface ServiceCopyOptions {
  readonly node: string;
  readonly openFeed: (kinds: readonly WatchedKind[]) => Promise<Feed>;
  readonly world: Pick<World, 'random'>;
  /** Called after what it answers has changed. Must not throw. */
  readonly changed: () => void;
}

type Services = ReadonlyMap<string, StoredService>;
type Slices = ReadonlyMap<string, StoredSlice>;

const NO_SLICES: Slices = new Map();
const NONE: readonly ServiceRouting[] = [];

/** What this node serves of Kubernetes' services; followed only while it is wanted, and their endpoints only where they matter. */
export class ServiceCopy {
  readonly #options: ServiceCopyOptions;
  #isWanted = false;
  #services: KindCopy<StoredService> | undefined;
  #slices: KindCopy<StoredSlice> | undefined;
  #made:
    | { readonly services: Services; readonly slices: Slices; readonly routing: readonly ServiceRouting[] }
    | undefined;

  constructor(options: ServiceCopyOptions) {
    this.#options = options;
  }

  /** Begins to follow services, or ends it. */
  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    const { node } = this.#options;
    this.#services = this.#kept(isWanted, this.#services, 'Service', (entry) =>
      storedService(nameOf(entry.ref), entry),
    );
    const services = [...(this.#services?.objects()?.values() ?? [])];
    const areNeeded = services.some(dependsOnEndpoints);
    this.#slices = this.#kept(areNeeded, this.#slices, 'EndpointSlice', (entry) =>
      storedSlice(node, nameOf(entry.ref), entry),
    );
  }

  /** Undefined while they are being read for the first time; none where they cannot be read. */
  routing(): readonly ServiceRouting[] | undefined {
    if (this.#services === undefined) return NONE;
    const services = this.#services.objects();
    const slices = this.#slices === undefined ? NO_SLICES : this.#slices.objects();
    if (services === undefined || slices === undefined)
      return this.trouble() === undefined ? undefined : (this.#made?.routing ?? NONE);
    if (this.#made?.services !== services || this.#made.slices !== slices)
      this.#made = { services, slices, routing: serviceRouting(services.values(), slices.values()) };
    return this.#made.routing;
  }

  trouble(): Failure | undefined {
    return this.#services?.trouble() ?? this.#slices?.trouble();
  }

  close(): void {
    this.want(false);
  }

  #kept<Kept>(
    isNeeded: boolean,
    held: KindCopy<Kept> | undefined,
    kind: WatchedKind,
    keep: Keep<Kept>,
  ): KindCopy<Kept> | undefined {
    if (!isNeeded) held?.close();
    return isNeeded ? (held ?? this.#follow(kind, keep)) : undefined;
  }

  #follow<Kept>(kind: WatchedKind, keep: Keep<Kept>): KindCopy<Kept> {
    const { openFeed, world, changed } = this.#options;
    let opened: Promise<Feed> | undefined;
    const feed: Feed = {
      async run(receiver, signal) {
        opened ??= openFeed([kind]);
        return (await opened).run(receiver, signal);
      },
    };
    const tell = () => {
      this.want(this.#isWanted);
      changed();
    };
    return openKindCopy({ kind, feed, keep, world, changed: tell });
  }
}

const nameOf = (ref: Ref): string =>
  ref.kind === 'Service' || ref.kind === 'EndpointSlice' ? `${ref.namespace}/${ref.name}` : '';
