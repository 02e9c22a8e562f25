import type { Args } from '../../ctl/command-line/command.ts';
import type { Context } from '../../ctl/command-line/context.ts';
import { UsageError } from '../../ctl/command-line/usage-error.ts';
import { AUTODETECT } from '../../ctl/init/address-setting.ts';
import type { Voice } from '../../ctl/watch/voice.ts';
import type { Failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import type { World } from '../../shared/system/world.ts';
import { markNetworkAvailable } from '../registration/network-condition.ts';
import {
  type RegistrationContext,
  type RegistrationSettings,
  register,
  registerAgain,
  registerTunnels,
} from '../registration/register.ts';
import type { NetworkState } from '../state/network-state.ts';
import { openAddressNews } from './address-news.ts';
import { type Duty, startDuty } from './duty.ts';
import { type FollowedDatastore, followDatastore } from './follow-datastore.ts';
import { type KeptPart, keepPart } from './kept-part.ts';
import { machinePrograms } from './machine-programs.ts';
import { refusalBeside } from './other-programs.ts';
import type { Part } from './part.ts';

export interface NodeProcessOptions {
  readonly world: World;
  readonly voice: Voice;
  readonly args: Args;
  readonly registration: RegistrationSettings;
  readonly withBird: boolean;
  /** How often the machine's addresses are looked at. */
  readonly everyMs: number;
  readonly parts: readonly Part[];
}

/** One attempt to register may take so long. */
const REGISTER_WITHIN_MS = 10_000;
/** Changes of pools and of the own Node wake this duty at once; it also runs this often in any case (as calico/node). */
const TUNNELS_EVERY_MS = 300_000;
const CONDITION_EVERY_MS = 5_000;
const LOOK_ROUND_EVERY_MS = 60_000;
/** How often the kernel is asked whether addresses have changed: asking costs some microseconds. */
const NEWS_EVERY_MS = 1_000;

/** What `calicoctl node run` does: registers the machine, follows the datastore, and keeps each part as that wants it. */
export class NodeProcess {
  readonly #options: NodeProcessOptions;
  readonly #parts: readonly KeptPart[];
  readonly #registration: Duty;
  readonly #tunnels: Duty;
  readonly #condition: Duty;
  readonly #duties: readonly Duty[];
  readonly #addressNews = openAddressNews();
  /** Why this machine must not be registered: the process is to end. */
  refusal: unknown;
  #followed: FollowedDatastore | undefined;
  #state: NetworkState | undefined;
  #isRegistered = false;
  /** Whether the Node is to be looked at as soon as the datastore can be asked. */
  #isNodeDue = true;
  #isMarked = false;
  #unusable: readonly string[] = [];
  #trouble = '';
  readonly #notes = new Set<string>();
  #tell = () => {};

  constructor(options: NodeProcessOptions) {
    const { world, voice, everyMs, parts } = options;
    this.#options = options;
    this.#parts = parts.map((part) =>
      keepPart(part, () => this.#wanted(), { world, voice, done: () => this.#partDone() }),
    );
    const start = (name: string, every: number, work: () => Promise<readonly string[]>) =>
      startDuty({ name, everyMs: every, work, world, voice });
    this.#registration = start('node', everyMs, () => this.#register());
    this.#tunnels = start('tunnel addresses', TUNNELS_EVERY_MS, () => this.#bringTunnels());
    this.#condition = start('Kubernetes node', CONDITION_EVERY_MS, () => this.#mark());
    const others = start('other programs', LOOK_ROUND_EVERY_MS, async () => lookRound());
    const news = start('addresses', NEWS_EVERY_MS, () => this.#lookAtNews());
    this.#duties = [this.#registration, this.#tunnels, this.#condition, others, news];
  }

  /** Reads the settings of the datastore, and follows it from now on. Throws a Failure when they are wrong. */
  async begin(): Promise<void> {
    const { world, args, registration, withBird } = this.#options;
    const next = await followDatastore(world, args, {
      node: registration.node.name,
      withServices: withBird,
      changed: () => this.#changed(),
    });
    this.#followed?.close();
    this.#followed = next;
    this.#isNodeDue = true;
    for (const duty of this.#duties) duty.wake();
  }

  /** Why the machine cannot be said to be ready; '' when it is. */
  whyNotReady(): string {
    const trouble = this.#followed?.copy.trouble()?.message;
    const whys = [
      this.#state === undefined ? (trouble ?? 'the datastore is being read') : undefined,
      ...[...this.#duties, ...this.#parts].map((duty) => duty.problem()),
      this.#isRegistered ? undefined : (trouble ?? 'the node is being registered'),
      this.#parts.every((part) => part.isDone()) ? undefined : 'what the datastore says is being put into effect',
    ];
    return whys.find((why) => why !== undefined) ?? '';
  }

  /** Resolves when there is something new to say. */
  news(): Promise<void> {
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  /** Ends all work; what was made on the machine stays. */
  async stop(): Promise<void> {
    for (const duty of [...this.#duties, ...this.#parts]) duty.stop();
    await Promise.allSettled(this.#options.parts.map((part) => part.stop(false)));
    this.#addressNews.close();
    this.#followed?.close();
  }

  /** The state once this node is in it: without its address nothing can be decided. */
  #wanted(): NetworkState | undefined {
    const state = this.#state;
    return state?.nodes.has(state.node) ? state : undefined;
  }

  #changed(): void {
    const copy = this.#followed?.copy;
    const before = this.#state;
    this.#state = copy?.state() ?? this.#state;
    if (mayNeedTunnels(before, this.#state)) this.#tunnels.wake();
    this.#saySkipped(copy?.unusable() ?? []);
    this.#sayTrouble(copy?.trouble());
    for (const part of this.#parts) part.wake();
    if (this.#isNodeDue) this.#registration.wake();
    this.#tell();
  }

  #partDone(): void {
    if (!this.#isMarked && this.#isRouting()) this.#condition.wake();
    this.#tell();
  }

  #saySkipped(unusable: readonly string[]): void {
    for (const why of unusable) if (!this.#unusable.includes(why)) this.#options.voice.complain(`${why}\n`);
    this.#unusable = unusable;
  }

  #sayTrouble(trouble: Failure | undefined): void {
    const { voice } = this.#options;
    const text = trouble === undefined ? '' : failureText(trouble, 'datastore: ');
    if (text === this.#trouble) return;
    this.#trouble = text;
    if (text === '') voice.say('datastore: followed again\n');
    else voice.complain(text);
  }

  /** Throws what is to be tried again; what would be refused again ends the process. */
  async #register(): Promise<readonly string[]> {
    const followed = this.#followed;
    this.#isNodeDue = true;
    if (followed === undefined || isAway(followed)) return [];
    const { registration } = this.#options;
    const context = within(followed.context, REGISTER_WITHIN_MS);
    try {
      const work = this.#isRegistered ? registerAgain : register;
      const { changed, notes } = await work(context, registration);
      this.#isRegistered = true;
      this.#isNodeDue = false;
      this.#partDone();
      return [...changed, ...notes.filter((note) => !this.#notes.has(note) && this.#notes.add(note))];
    } catch (thrown) {
      const isFinal = thrown instanceof UsageError || toFailure(thrown, 'registering the node').kind === 'refused';
      if (this.#isRegistered || !isFinal) throw thrown;
      this.refusal = thrown;
      this.#tell();
      return [];
    }
  }

  /** An address that is found, and not given, may be another one now; and connections from one that is gone hang. */
  async #lookAtNews(): Promise<readonly string[]> {
    const changes = this.#addressNews.take();
    if (changes.isNone) return [];
    const isFound = this.#options.registration.addresses.some(({ text }) => text === AUTODETECT);
    if (isFound) this.#registration.wake();
    const own = this.#wanted()?.nodes.get(this.#options.registration.node.name);
    const isGone = [own?.ipv4Address, own?.ipv6Address].some((each) => each !== undefined && changes.isGone(each.text));
    if (isGone) await this.begin();
    return isGone ? ['the address of the Node is gone: connected to the datastore anew'] : [];
  }

  async #bringTunnels(): Promise<readonly string[]> {
    const followed = this.#followed;
    if (followed === undefined || isAway(followed)) return [];
    const { node } = this.#options.registration;
    return registerTunnels(within(followed.context, REGISTER_WITHIN_MS), node.name);
  }

  #isRouting(): boolean {
    return this.#isRegistered && this.#parts.every((part) => part.isDone() && part.problem() === undefined);
  }

  async #mark(): Promise<readonly string[]> {
    const followed = this.#followed;
    if (this.#isMarked || !this.#isRouting() || followed?.context.target.type !== 'kubernetes') return [];
    await markNetworkAvailable(within(followed.context, REGISTER_WITHIN_MS), this.#options.registration.node.name);
    this.#isMarked = true;
    return ['its condition NetworkUnavailable is False'];
  }
}

/** Whether pools or this node's addresses have changed. */
const mayNeedTunnels = (before: NetworkState | undefined, now: NetworkState | undefined): boolean =>
  now !== undefined && (now.pools !== before?.pools || now.nodes.get(now.node) !== before.nodes.get(now.node));

/** Whether there is nobody to ask now; the copy says so, and says when there is. */
function isAway({ copy }: FollowedDatastore): boolean {
  const trouble = copy.trouble();
  return trouble === undefined ? copy.state() === undefined : trouble.kind.endsWith('unavailable');
}

async function lookRound(): Promise<readonly string[]> {
  const refused = refusalBeside(machinePrograms());
  if (refused !== undefined) throw refused;
  return [];
}

/** A context whose operations end sooner. */
function within({ world, log, store, target }: Context, ms: number): RegistrationContext {
  return {
    world,
    log,
    store,
    target,
    get deadline() {
      return world.elapsed() + ms;
    },
  };
}
