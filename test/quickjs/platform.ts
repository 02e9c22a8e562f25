import { platform as native } from '../../shared/platform/native.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { clock } from './clock.ts';

/** The executables' platform, whose clock a test may turn itself. */
export const platform: Platform = {
  ...native,
  elapsed: () => clock.elapsed(),
  timer: (ms, callback) => clock.timer(ms, callback),
  clearTimer: (id) => clock.clearTimer(id),
};
