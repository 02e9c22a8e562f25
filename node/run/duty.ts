import { waitAfter } from '../../ctl/watch/backoff.ts';
import type { Voice } from '../../ctl/watch/voice.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import { elapsed, startTimer, stopTimer } from '../../shared/system/clock.ts';
import type { World } from '../../shared/system/world.ts';

/** Work that is done again and again, whatever becomes of other work. */
export interface Duty {
  /** Something that it depends on has changed: it is done at once, after a failure a little later. */
  wake(): void;
  /** Why it failed the last time; undefined when it did not. */
  problem(): string | undefined;
  /** It is not done any more. */
  stop(): void;
}

export interface DutyOptions {
  /** Begins its lines. */
  readonly name: string;
  readonly everyMs: number;
  /** Answers lines for the log. */
  readonly work: () => Promise<readonly string[]>;
  readonly world: Pick<World, 'random'>;
  readonly voice: Voice;
}

const WAITS = { firstS: 1, longestS: 60 } as const;

/** Begins at once. Each failure is told once, and the end of all. */
export function startDuty(options: DutyOptions): Duty {
  const runner = new Runner(options);
  runner.begin(0);
  return { wake: () => runner.wake(), problem: () => runner.problem, stop: () => runner.stop() };
}

class Runner {
  readonly #options: DutyOptions;
  problem: string | undefined;
  #told = '';
  #failures = 0;
  #timer: number | undefined;
  #dueAt = 0;
  #isRunning = false;
  #isWoken = false;
  #isStopped = false;

  constructor(options: DutyOptions) {
    this.#options = options;
  }

  begin(ms: number): void {
    stopTimer(this.#timer);
    this.#dueAt = elapsed() + ms;
    this.#timer = startTimer(ms, () => void this.#run());
  }

  wake(): void {
    if (this.#isStopped) return;
    this.#isWoken = this.#isRunning;
    if (!this.#isRunning) this.begin(Math.min(this.#pause(), Math.max(0, this.#dueAt - elapsed())));
  }

  stop(): void {
    this.#isStopped = true;
    stopTimer(this.#timer);
  }

  /** A change must not keep work busy that fails. */
  #pause(): number {
    return this.#failures === 0 ? 0 : WAITS.firstS * 1_000;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    this.#isWoken = false;
    try {
      this.#done(await this.#options.work());
    } catch (thrown) {
      this.#failed(thrown);
    }
    this.#isRunning = false;
    if (!this.#isStopped) this.begin(this.#next());
  }

  #next(): number {
    if (this.#isWoken) return this.#pause();
    if (this.#failures === 0) return this.#options.everyMs;
    const chance = (this.#options.world.random(1)[0] ?? 0) / 255;
    return waitAfter(this.#failures, chance, WAITS) * 1_000;
  }

  #done(lines: readonly string[]): void {
    if (this.#isStopped) return;
    const { name, voice } = this.#options;
    for (const line of lines) voice.say(`${name}: ${line}\n`);
    if (this.#failures > 0) voice.say(`${name}: works again\n`);
    this.#failures = 0;
    this.problem = undefined;
    this.#told = '';
  }

  #failed(thrown: unknown): void {
    if (this.#isStopped) return;
    const { name, voice } = this.#options;
    const failed = toFailure(thrown, `working on ${name}`);
    const text = failureText(failed, `${name}: `);
    if (text !== this.#told) voice.complain(text);
    this.#told = text;
    this.#failures++;
    this.problem = failed.message;
  }
}
