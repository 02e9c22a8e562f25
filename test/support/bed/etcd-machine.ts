import { onTestFinished } from 'vitest';
import { type Dump, type Etcd, startEtcd } from '../etcd/etcd.ts';
import { startHost } from '../host/host.ts';
import type { Bed } from './bed.ts';

/** A machine with an etcd that holds this, until the test ends. */
export async function machine(dump: Dump): Promise<Pick<Bed, 'host'> & { readonly etcd: Etcd }> {
  const host = await startHost();
  onTestFinished(() => host.stop());
  const etcd = await startEtcd(host);
  onTestFinished(() => etcd.stop());
  await etcd.put(dump);
  return { host, etcd };
}
