import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kindNamed } from '../../../ctl/kinds/kinds.ts';

const FOLDER = 'test/testdata/ctl/kinds';

/** A resource as it is written by hand. */
export interface Example {
  readonly text: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly spec?: { readonly tier?: unknown };
  readonly plural: string;
  readonly namespace: string | undefined;
  /** Arguments that name it: `bgppeers rack`, `networksets friends -n prod`. */
  readonly words: string;
  /** A document that must be stored before it; '' for none. */
  readonly before: string;
}

/** Resources of every kind that can be written. */
export const examples: readonly Example[] = readdirSync(FOLDER)
  .flatMap((file) => parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')))
  .map((document) => exampleOf(document.toJS(), String(document)));

function exampleOf(given: Pick<Example, 'kind' | 'metadata' | 'spec'>, text: string): Example {
  const { plural = '', namespaced = false } = kindNamed(given.kind) ?? {};
  const namespace = namespaced ? (given.metadata['namespace'] ?? 'default') : undefined;
  const words = `${plural} ${given.metadata['name']}${namespace === undefined ? '' : ` -n ${namespace}`}`;
  return { ...given, text, plural, namespace, words, before: tierOf(given.spec?.tier) };
}

/** The tier that a policy is in, unless there is always one. */
function tierOf(name: unknown): string {
  if (typeof name !== 'string' || name === 'default') return '';
  return JSON.stringify({ apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name }, spec: { order: 100 } });
}
