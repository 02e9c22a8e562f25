/** What a call of calico-install needs, unless it is a probe. */
export { VERSION } from '../../shared/call/version.ts';
export { readCommandLine } from './command-line.ts';
export { obey } from './obey.ts';
