import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Dataplane } from '../dataplane/dataplane.ts';
import { dataplaneOptions } from '../grpc/options.ts';
import { linuxDataplane } from '../linux/dataplane.ts';

/** The configured dataplane; only this function chooses. Throws a Failure when it cannot be called. */
export async function dataplaneOf(conf: NetConf): Promise<Dataplane> {
  const options = dataplaneOptions(conf);
  if (options === undefined) return linuxDataplane;
  const { grpcDataplane } = await import('../grpc/dataplane.ts');
  return grpcDataplane(options);
}
