import type { Scan } from '../../../shared/datastore/datastore.ts';
import { scanPages } from '../../../shared/etcd/scan.ts';
import type { FakeStore } from './fake-store.ts';

/** Pages of a model, as etcd would give them. */
export const scanOf = (model: FakeStore): Scan => ({
  pages: scanPages(async (from, to, limit) => model.read([{ from, to, limit }])[0] ?? { entries: [], more: false }),
  version: () => '1',
  close: () => {},
});
