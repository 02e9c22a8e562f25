import type { NetConf } from '../cni/netconf.ts';
import { settingsOf } from '../cni/setting.ts';
import { failure } from '../error/failure.ts';

/** What can hold Calico's data. */
export type DatastoreType = 'etcdv3' | 'kubernetes';

/**
 * The datastore that the network configuration and the environment name (as Calico): where they name none, etcd when they
 * have endpoints for it, and else Kubernetes. Throws a Failure for any other.
 */
export function datastoreType(
  { datastoreType: configured, etcd }: Pick<NetConf, 'datastoreType' | 'etcd'>,
  env: Readonly<Record<string, string | undefined>>,
): DatastoreType {
  const setting = settingsOf(env);
  const type = setting('DATASTORE_TYPE', configured);
  if (type === '') return setting('ETCD_ENDPOINTS', etcd.endpoints) === '' ? 'kubernetes' : 'etcdv3';
  if (type === 'etcdv3' || type === 'kubernetes') return type;
  throw failure(`unknown datastore type: ${type}`, 'datastore_type takes "kubernetes" and "etcdv3"');
}
