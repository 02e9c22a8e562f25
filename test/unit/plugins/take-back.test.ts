import { expect, test } from 'vitest';
import { takeBack } from '../../../plugins/call/adding.ts';
import { rollback } from '../../../shared/call/rollback.ts';
import { silent } from '../../../shared/log/log.ts';

test('a failed ADD undoes its interface before its addresses, in whatever order they were registered', async () => {
  const undo = { interface: rollback(silent), addresses: rollback(silent) };
  const undone: string[] = [];
  undo.interface.add('pair', () => void undone.push('pair'));
  undo.addresses.add('IPAM plugin', () => void undone.push('IPAM plugin'));
  undo.addresses.add('etcd', () => void undone.push('etcd'));
  await takeBack(undo);
  expect(undone).toEqual(['pair', 'etcd', 'IPAM plugin']);
});

test('undoing an interface is tried twice', async () => {
  const undo = { interface: rollback(silent), addresses: rollback(silent) };
  const undone: string[] = [];
  let tries = 0;
  undo.interface.add('pair', () => {
    if (++tries === 1) throw new Error('busy');
    undone.push('pair');
  });
  undo.addresses.add('etcd', () => void undone.push('etcd'));
  await takeBack(undo);
  expect(undone).toEqual(['pair', 'etcd']);
});

test('addresses stay assigned while the interface exists', async () => {
  const undo = { interface: rollback(silent), addresses: rollback(silent) };
  const undone: string[] = [];
  undo.interface.add('pair', () => {
    throw new Error('busy');
  });
  undo.addresses.add('etcd', () => void undone.push('etcd'));
  await takeBack(undo);
  expect(undone).toEqual([]);
});
