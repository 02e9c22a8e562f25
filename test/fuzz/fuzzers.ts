import { apiAnswers, apiObjects } from './api-objects.ts';
import { env, prevResult, stdin } from './calls.ts';
import { calicoctlFile, documents } from './documents.ts';
import type { Draw } from './draw.ts';
import { kubeconfig, pod } from './kubernetes.ts';
import { nativeHost } from './native-host.ts';
import { nulls, riddles } from './nulls.ts';
import { operator } from './operator.ts';
import { etcd, versions } from './stored-values.ts';
import { cidr, names, selector } from './texts.ts';

/** One case. Throws the problem. */
export type Fuzzer = (draw: Draw) => void | Promise<void>;

/** Those that need no executable. */
export const FUZZERS: Readonly<Record<string, Fuzzer>> = {
  stdin,
  env,
  prevResult,
  etcd,
  versions,
  nulls,
  riddles,
  operator,
  calicoctlFile,
  documents,
  kubeconfig,
  pod,
  apiObjects,
  apiAnswers,
  selector,
  cidr,
  names,
};

export const ALL_FUZZERS: Readonly<Record<string, Fuzzer>> = { ...FUZZERS, nativeHost };
