import type { CommitResult, Compare, Store } from '../../../shared/datastore/store.ts';
import type { Answer, Entry, Read, Write } from '../../../shared/datastore/view.ts';

type Step = 'read' | 'commit';
type Hook = () => void;

/** etcd's rules on a Map: one revision counter, all-or-nothing commits, ranges. Hooks play the other writers and the network. */
export class ModelEtcd implements Store {
  readonly calls: string[] = [];
  readonly #entries = new Map<string, Entry>();
  #revision = 0;
  readonly #once: [string, Hook][] = [];
  readonly #every: [string, Hook][] = [];
  #late: Hook | undefined;
  #isDelayed = false;

  constructor(entries: Readonly<Record<string, string>>) {
    for (const [key, value] of Object.entries(entries)) this.put(key, value);
  }

  put(key: string, value: string): void {
    this.#revision++;
    this.#entries.set(key, { key, value, modRevision: this.#revision });
  }

  remove(key: string): void {
    this.#revision++;
    this.#entries.delete(key);
  }

  dump(): Record<string, string> {
    return Object.fromEntries([...this.#entries.values()].map(({ key, value }) => [key, value]));
  }

  /** Runs before, or after, the next step of this kind takes effect. */
  before(step: Step, hook: Hook): void {
    this.#once.push([`before ${step}`, hook]);
  }

  after(step: Step, hook: Hook): void {
    this.#once.push([`after ${step}`, hook]);
  }

  beforeEvery(step: Step, hook: Hook): void {
    this.#every.push([`before ${step}`, hook]);
  }

  /** The commit under way takes effect only after the next read. */
  delayCommit(): void {
    this.#isDelayed = true;
  }

  async read(reads: readonly Read[]): Promise<readonly Answer[]> {
    this.calls.push(`read ${reads.map((one) => one.from).join(' ')}`);
    await this.#run('before read');
    const answers = reads.map((one) => this.#answer(one));
    const late = this.#late;
    this.#late = undefined;
    late?.();
    await this.#run('after read');
    return answers;
  }

  async commit(compares: readonly Compare[], writes: readonly Write[]): Promise<CommitResult> {
    this.calls.push(`commit ${writes.map((one) => one.key).join(' ')}`);
    const apply = () => this.#apply(compares, writes);
    try {
      await this.#run('before commit');
    } catch (thrown) {
      if (this.#isDelayed) this.#late = apply;
      this.#isDelayed = false;
      throw thrown;
    }
    const result = apply();
    await this.#run('after commit');
    return result;
  }

  close(): void {}

  async #run(moment: string): Promise<void> {
    // An answer never comes within the turn that asked.
    await new Promise((resolve) => setTimeout(resolve, 1));
    for (const [when, hook] of this.#every) if (when === moment) hook();
    const next = this.#once.findIndex(([when]) => when === moment);
    if (next >= 0) this.#once.splice(next, 1)[0]?.[1]();
  }

  #apply(compares: readonly Compare[], writes: readonly Write[]): CommitResult {
    const asCompared = compares.every(
      ({ key, modRevision }) => (this.#entries.get(key)?.modRevision ?? 0) === modRevision,
    );
    if (!asCompared) return { done: false, fresh: compares.flatMap(({ key }) => this.#entries.get(key) ?? []) };
    this.#revision++;
    for (const { key, value } of writes) {
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, { key, value, modRevision: this.#revision });
    }
    return { done: true };
  }

  #answer({ from, to, only, limit }: Read): Answer {
    const inRange = ({ key }: Entry) => (to === undefined ? key === from : key >= from && key < to);
    const found = [...this.#entries.values()].filter(inRange).sort((one, other) => (one.key < other.key ? -1 : 1));
    const shown = only === 'count' ? [] : found.slice(0, limit || undefined);
    const entries = only === 'keys' ? shown.map((entry) => ({ ...entry, value: '' })) : shown;
    return { entries, more: shown.length < found.length && only !== 'count', count: found.length };
  }
}
