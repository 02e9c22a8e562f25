import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { State } from '../../support/bed/state.ts';
import type { Dump } from '../../support/etcd/etcd.ts';
import type { Conf } from '../../support/stored/cluster.ts';

/** What the original did in one scenario: the initial keys, then steps, each with the state after it. */
export interface Recording {
  readonly scenario: string;
  readonly seed: Dump;
  readonly steps: readonly Step[];
}

/** One plugin call, one cnitool call, or a change from outside. */
export type Step = PluginStep | CnitoolStep | { readonly put: Dump } | { readonly delete_netns: string } | FileStep;

export interface Outcome extends State {
  readonly exit: number;
  readonly stdout: string;
}

export interface PluginStep extends Outcome {
  readonly plugin: string;
  readonly argv?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

export interface CnitoolStep extends Outcome {
  readonly cnitool: string;
  readonly conflist: Conf;
  readonly CAP_ARGS: unknown;
}

interface FileStep {
  readonly file: string;
  readonly content: string;
}

const FOLDER = fileURLToPath(new URL('recordings/', import.meta.url));

export function readRecording(scenario: string): Recording {
  return JSON.parse(readFileSync(`${FOLDER}${scenario}.json`, 'utf8'));
}

/** All scenarios, ordered by name. */
export function scenarios(): readonly string[] {
  return readdirSync(FOLDER)
    .map((file) => file.replace('.json', ''))
    .sort();
}
