import { elapsed } from '../../shared/system/clock.ts';
import { exists, removeFile } from '../../shared/system/files.ts';
import { type Arrivals, arrivals, isArriving, withLeaving } from '../bgp/leaving.ts';
import { type Routing, routingOf } from '../bgp/routing.ts';
import type { Part } from '../run/part.ts';
import type { NetworkState } from '../state/network-state.ts';
import { type Bird, foreignBird, ownBird } from './bird.ts';
import { changesText } from './changes.ts';
import { birdConfiguration } from './configuration.ts';
import { removeBirdRoutes } from './kernel-routes.ts';
import { type KeptPasswords, keptPasswords, type PasswordSource } from './passwords.ts';
import { type BirdPlace, DEFAULT_CONFIGURATION, DEFAULT_SOCKET, placesOf, sixth } from './places.ts';
import { askStatus, endBird, installedRelease, killBird } from './processes.ts';
import { type Release, releaseIn } from './release.ts';

export interface BirdOptions {
  readonly passwords: PasswordSource;
  /** The control socket of a BIRD that somebody else runs, and the configuration that it uses. */
  readonly socket?: string | undefined;
  readonly configuration?: string | undefined;
  /** See `routingOf`. */
  readonly routerId?: string | undefined;
}

/** Keeps BIRD running with the configuration that the stored state wants. */
export const birdPart = (options: BirdOptions): Part => new BirdPart(options);

class BirdPart implements Part {
  readonly name = 'bird';
  readonly #options: BirdOptions;
  readonly #passwords: KeptPasswords;
  #birds: readonly (Bird & BirdPlace)[] = [];
  /** A configuration for each of them. */
  #texts: readonly string[] = [];
  #release: Release | undefined;
  #state: NetworkState | undefined;
  #routing: Routing | undefined;
  #arrivals: Arrivals = new Map();
  /** Whether BIRD keeps sessions until those that came with the same changes are established. */
  #isLeaving = false;

  constructor(options: BirdOptions) {
    this.#options = options;
    this.#passwords = keptPasswords(options.passwords);
  }

  async apply(state: NetworkState): Promise<readonly string[]> {
    this.#state = state;
    const passwords = await this.#passwords.of(state);
    const release = await this.#knownRelease();
    const before = this.#routing;
    const routing = this.#withLeaving(routingOf(state, passwords, this.#options.routerId), state);
    this.#routing = routing;
    // Without a log daemon the C library would write to the machine's console, which is slow.
    const log = exists('/dev/log') ? 'syslog' : 'stderr';
    this.#texts = this.#birds.map(({ families }) => birdConfiguration(routing, release, families, log));
    const lines = await this.#bring();
    return lines.map((line) => `${line}: ${changesText(before, routing)}`);
  }

  async check(): Promise<readonly string[]> {
    if (this.#state === undefined) return [];
    const isOver = this.#isLeaving && !isArriving(this.#arrivals, elapsed());
    return isOver || this.#passwords.areOld() ? this.apply(this.#state) : this.#bring();
  }

  #withLeaving(wanted: Routing, state: NetworkState): Routing {
    const now = elapsed();
    this.#arrivals = arrivals(this.#arrivals, wanted, now);
    const before = isArriving(this.#arrivals, now) ? this.#routing : undefined;
    const routing = before === undefined ? wanted : withLeaving(before, wanted, state);
    this.#isLeaving = routing !== wanted;
    return routing;
  }

  problem(): string | undefined {
    const problems = this.#routing?.problems ?? [];
    return problems.length === 0 ? undefined : problems.join('; ');
  }

  /** Without `clean` BIRD goes on. */
  async stop(clean: boolean): Promise<void> {
    if (!clean || this.#isForeign()) return;
    const { configuration, socket } = this.#files();
    // Without it no BIRD was started here, and routes of BIRD's are another one's.
    const wasStarted = exists(configuration);
    for (const place of placesOf(1, configuration, socket)) {
      if ((await askStatus(place)) !== 'absent') await endBird(place);
      for (const file of [place.configuration, `${place.configuration}.refused`, place.socket]) removeFile(file);
    }
    if (wasStarted) removeBirdRoutes();
  }

  async #bring(): Promise<readonly string[]> {
    const lines: string[] = [];
    let failed: unknown;
    // With BIRD 1.6 one family's process has no part in what is wrong with the other's.
    for (const [at, bird] of this.#birds.entries()) {
      try {
        const done = await bird.bring(this.#texts[at] ?? '');
        lines.push(...done.map((line) => `${bird.program} ${line}`));
      } catch (thrown) {
        failed ??= thrown;
      }
    }
    if (failed !== undefined) throw failed;
    return lines.length === 0 ? [] : [lines.join(', ')];
  }

  async #knownRelease(): Promise<Release> {
    const { configuration, socket } = this.#files();
    const release = this.#isForeign() ? await this.#foreignRelease(socket) : (this.#release ?? installedRelease());
    if (release !== this.#release) {
      this.#birds = placesOf(release, configuration, socket).map((place) => ({
        ...place,
        ...(this.#isForeign() ? foreignBird(place) : ownBird(place, release)),
      }));
      // The IPv6 process of BIRD 1.6 has no place beside BIRD 2.
      if (release === 2 && !this.#isForeign()) await killBird({ socket: sixth(socket) });
    }
    this.#release = release;
    return release;
  }

  /** Of one that does not answer the release is not known; `bring` says why it does not. */
  async #foreignRelease(socket: string): Promise<Release> {
    const answer = await askStatus({ socket });
    return (typeof answer === 'object' ? releaseIn(answer.greeting) : undefined) ?? this.#release ?? 2;
  }

  #isForeign(): boolean {
    return this.#options.socket !== undefined;
  }

  #files(): Pick<BirdPlace, 'configuration' | 'socket'> {
    const { socket = DEFAULT_SOCKET, configuration = DEFAULT_CONFIGURATION } = this.#options;
    return { socket, configuration };
  }
}
