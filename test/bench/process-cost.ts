import { readFileSync } from 'node:fs';

/** User and system time of a running process in milliseconds, as exact as the scheduler counts it. */
export const processorTime = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

/** Of a running process, in megabytes. */
export const peakMemory = (pid: number): number =>
  (Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6;
