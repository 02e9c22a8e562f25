import { platform as native } from '../../../shared/platform/native.ts';
import type { Platform } from '../../../shared/platform/platform.ts';
import { connect } from './connections.ts';
import { files } from './files.ts';
import { send } from './kernel.ts';
import { programs } from './programs.ts';

/** The platform of the fault build: every operation that changes the outside world is a boundary. */
export const platform: Platform = { ...native, ...files, ...programs, send, connect };
