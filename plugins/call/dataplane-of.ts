import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Dataplane } from '../dataplane/dataplane.ts';
import { grpcDataplane } from '../grpc/dataplane.ts';
import { dataplaneOptions } from '../grpc/options.ts';
import { linuxDataplane } from '../linux/dataplane.ts';

/** The configured dataplane; only this function chooses. Throws a Failure when it cannot be called. */
export function dataplaneOf(conf: NetConf): Dataplane {
  const options = dataplaneOptions(conf);
  return options === undefined ? linuxDataplane : grpcDataplane(options);
}
