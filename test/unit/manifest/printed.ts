import { parseAllDocuments } from 'yaml';
import { manifest } from '../../../ctl/manifest/manifest.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

type Json = Readonly<Record<string, unknown>>;

/** An object of a printed manifest. */
export interface Found extends Json {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: Json;
  readonly data?: Readonly<Record<string, string>>;
}

/** Prints a manifest as the command does. */
export const printing = (words: string, stdin = '') => manifest(fakeWorld({}, stdin), words.split(' ').filter(Boolean));

/** The objects of a manifest; throws what the command says when it prints none. */
export function printedObjects(words: string, stdin = ''): readonly Found[] {
  const { out, err, status } = printing(words, stdin);
  if (status !== 0) throw new Error(err);
  return parseAllDocuments(out).map((document) => document.toJS());
}

/** Those of one kind. */
export function ofKind(kind: string, words: string, stdin = ''): readonly Found[] {
  const crds = kind === 'CustomResourceDefinition' ? 'only' : 'none';
  return printedObjects(`${words} --crds ${crds}`, stdin).filter((one) => one.kind === kind);
}
