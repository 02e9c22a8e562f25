import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NOTHING } from '../../../shared/kubernetes/api-config.ts';
import { readAccess } from '../../../shared/kubernetes/credentials.ts';

const tokenFile = join(mkdtempSync(join(tmpdir(), 'token-')), 'token');
const config = { ...NOTHING, server: 'https://10.96.0.1', insecure: true, tokenFile, source: 'kubeconfig' };

test('an empty token file is an error, not skipped: no request may be anonymous', () => {
  writeFileSync(tokenFile, '\n');
  expect(() => readAccess(config, {})).toThrow(`read empty token from file "${tokenFile}"`);
});

test('a token is used although the token file is empty', () => {
  writeFileSync(tokenFile, '');
  expect(readAccess({ ...config, token: 'noted' }, {}).authorization).toBe('Bearer noted');
});
