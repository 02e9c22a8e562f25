import { expect, test } from 'vitest';
import { takeBack } from '../../../plugins/call/adding.ts';
import { rollback } from '../../../shared/call/rollback.ts';
import { silent } from '../../../shared/log/log.ts';

test('an ADD that fails undoes its interface before its addresses, whichever came first', async () => {
  const undo = { interface: rollback(silent), addresses: rollback(silent) };
  const undone: string[] = [];
  undo.interface.add('pair', () => void undone.push('pair'));
  undo.addresses.add('IPAM plugin', () => void undone.push('IPAM plugin'));
  undo.addresses.add('etcd', () => void undone.push('etcd'));
  await takeBack(undo);
  expect(undone).toEqual(['pair', 'etcd', 'IPAM plugin']);
});

test('addresses are released even if the interface cannot be undone', async () => {
  const undo = { interface: rollback(silent), addresses: rollback(silent) };
  const undone: string[] = [];
  undo.interface.add('pair', () => {
    throw new Error('busy');
  });
  undo.addresses.add('etcd', () => void undone.push('etcd'));
  await takeBack(undo);
  expect(undone).toEqual(['etcd']);
});
