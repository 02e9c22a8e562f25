import { platform } from '#platform';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { failure } from '../../shared/error/failure.ts';
import { programPath } from '../../shared/system/exec.ts';
import { baseOf } from '../../shared/system/file-name.ts';
import { shapesHere } from './shaper.ts';

/** Checks, before any other work, for the program that an ADD with limits runs. If it is missing, or busybox's, the error names its package. */
export function requirePrograms(conf: NetConf): void {
  if (!shapesHere(conf)) return;
  const path = programPath('tc');
  if (baseOf(platform.realpath(path)) !== 'busybox') return;
  throw failure("program tc is busybox's, which lacks the features needed here", `${path}: install iproute2`);
}
