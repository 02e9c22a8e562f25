import { tools } from '../../../build/tools.ts';
import type { Bed } from '../bed/bed.ts';
import type { Ran } from '../host/host.ts';

/** The environment of a machine whose etcd is its own. */
export const ENDPOINTS = {
  ETCD_ENDPOINTS: 'http://127.0.0.1:2379',
  DATASTORE_TYPE: 'etcdv3',
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
};

/** Runs calicoctl on a bed's machine, without a terminal. */
export function calicoctl(
  { host }: Pick<Bed, 'host'>,
  line: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return host.run(`${tools().bin}/calicoctl`, line.split(' '), { env: { ...ENDPOINTS, ...env } });
}

/** What it printed; throws unless it ended with this status. */
export async function said(bed: Pick<Bed, 'host'>, line: string, status = 0): Promise<string> {
  const ran = await calicoctl(bed, line);
  if (ran.exit !== status) throw new Error(`calicoctl ${line}: exit ${ran.exit}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}
