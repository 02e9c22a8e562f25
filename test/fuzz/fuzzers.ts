import { env, prevResult, stdin } from './calls.ts';
import type { Draw } from './draw.ts';
import { kubeconfig, pod } from './kubernetes.ts';
import { etcd, versions } from './stored-values.ts';
import { cidr, names, selector } from './texts.ts';

/** One case: throws what is wrong. */
export type Fuzzer = (draw: Draw) => void | Promise<void>;

export const FUZZERS: Readonly<Record<string, Fuzzer>> = {
  stdin,
  env,
  prevResult,
  etcd,
  versions,
  kubeconfig,
  pod,
  selector,
  cidr,
  names,
};
