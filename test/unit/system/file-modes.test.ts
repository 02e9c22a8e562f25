import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeTurn } from '../../../shared/call/host-lock.ts';
import { DEFAULT_LOG, openLog, silent } from '../../../shared/log/log.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

let folder = '';
let umask = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'calico-modes-'));
  umask = process.umask();
});
afterEach(() => {
  process.umask(umask);
  rmSync(folder, { recursive: true });
});

const mode = (path: string) => (statSync(join(folder, path)).mode & 0o777).toString(8);

test.each([
  [0o000, ['755', '644'], ['755', '600']],
  [0o022, ['755', '644'], ['755', '600']],
  [0o077, ['700', '600'], ['700', '600']],
])('with umask %o, no other user can write folder and file of log and lock: %j, %j', async (mask, modes, ofLock) => {
  process.umask(mask);
  openLog(fakeWorld({}), { ...DEFAULT_LOG, filePath: join(folder, 'log/cni.log') }, 'ipam').error('x');
  expect([mode('log'), mode('log/cni.log')]).toEqual(modes);
  const turn = await takeTurn(join(folder, 'lock/ipam.lock'), silent);
  turn.end();
  expect([mode('lock'), mode('lock/ipam.lock')]).toEqual(ofLock);
});
