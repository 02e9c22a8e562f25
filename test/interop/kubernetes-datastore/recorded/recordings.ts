import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recorded } from './recorder.ts';

const FOLDER = join(import.meta.dirname, 'recordings');
const fileOf = (scenario: string): string => join(FOLDER, `${scenario}.json`);

/** What a scenario has come to, as it is stored. */
export const readRecording = (scenario: string): readonly Recorded[] =>
  JSON.parse(readFileSync(fileOf(scenario), 'utf8'));

export const writeRecording = (scenario: string, steps: readonly Recorded[]): void =>
  writeFileSync(fileOf(scenario), `${JSON.stringify(steps, undefined, 1)}\n`);
