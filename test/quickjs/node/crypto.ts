import { hex, utf8 } from '../../../shared/bytes/text.ts';
import { platform } from '../platform.ts';

/** What unit tests use of node:crypto. */
export const createHash = (algorithm: 'sha1' | 'sha256') => ({
  update: (text: string) => ({ digest: (_form: 'hex') => hex(platform.hash(algorithm, utf8(text))) }),
});
