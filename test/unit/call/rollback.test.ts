import { expect, test } from 'vitest';
import { addingOnce, rollback } from '../../../shared/call/rollback.ts';
import { DEFAULT_LOG, openLog, silent } from '../../../shared/log/log.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

test('the newest step is undone first, each before the next, each once', async () => {
  const undone: string[] = [];
  const undoing = rollback(silent);
  undoing.add('address', () => void undone.push('address'));
  undoing.add('link', async () => {
    await new Promise((done) => setTimeout(done, 5));
    undone.push('link');
  });
  await undoing.run();
  await undoing.run();
  expect(undone).toEqual(['link', 'address']);
});

test('a step that fails is logged, and the rest goes on', async () => {
  const world = fakeWorld({});
  const undone: string[] = [];
  const undoing = rollback(openLog(world, DEFAULT_LOG, 'ipam'));
  undoing.add('address', () => void undone.push('address'));
  undoing.add('route', () => Promise.reject(new Error('no route')));
  undoing.add('link', () => {
    throw new Error('no link');
  });
  expect(await undoing.run()).toBe(false);
  expect(undone).toEqual(['address']);
  expect(world.err()).toContain('[ERROR]');
  expect(world.err()).toContain('could not undo error="no link" what="link"');
  expect(world.err()).toContain('could not undo error="no route" what="route"');
});

test('a step that several tries of one decision add is undone once, and none without a try', async () => {
  const undone: string[] = [];
  const undoing = rollback(silent);
  const add = addingOnce(undoing, 'address', () => void undone.push('address'));
  await undoing.run();
  expect(undone).toEqual([]);
  add();
  add();
  await undoing.run();
  expect(undone).toEqual(['address']);
});
