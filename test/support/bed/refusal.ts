import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type CniFailure, failureOf } from '../calls/call.ts';
import { type Conf, conf } from '../stored/cluster.ts';
import type { Bed, CallChanges } from './bed.ts';

/** A call that must be refused before anything is changed, and its error. */
export interface Refusal {
  readonly name: string;
  readonly command?: string;
  readonly changes: CallChanges;
  readonly failure: Partial<CniFailure>;
}

export const withConf = (changes: Conf): CallChanges => ({ conf: conf(changes) });

/** A file that exists but is not a network namespace. */
export const PLAIN_FILE = '/run/calico-test/plain';

/** Makes the calls one after the other. Each must fail with its error, and leave kernel and etcd unchanged. */
export async function expectRefused(bed: Bed, refusals: readonly Refusal[]): Promise<void> {
  const container = await bed.container();
  writeFileSync(bed.host.file(PLAIN_FILE), '');
  const before = await traces(bed);
  for (const { name, command, changes, failure } of refusals) {
    const ran = await bed.call(command ?? 'ADD', container, changes);
    expect.soft(failureOf(ran), name).toMatchObject(failure);
    expect.soft(await traces(bed), name).toEqual(before);
  }
}

/** State, etcd's revision and every link of the host. */
async function traces(bed: Bed): Promise<unknown> {
  const [state, revision, links] = await Promise.all([
    bed.state(),
    bed.etcd.revision(),
    bed.host.must('ip', ['-br', 'link']),
  ]);
  return { state, revision, links };
}
