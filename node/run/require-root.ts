import { platform } from '#platform';
import { failure } from '../../shared/error/failure.ts';

/** Throws a Failure, in the original's words, when the process is not root's. */
export function requireRoot(): void {
  if (platform.euid() !== 0) throw failure('Need super user privileges: Operation not permitted', 'run it as root');
}
