import { tools } from '../../../build/tools.ts';
import type { Ran } from '../host/host.ts';
import { ADMIN_TOKEN } from '../kubernetes/api-server.ts';
import { writeKubeconfig } from '../kubernetes/pods.ts';
import type { KubernetesBed } from './bed.ts';

const KUBECONFIG = '/run/calico-test/admin-kubeconfig';

/** The environment of the usual tutorials, for an administrator. */
export function adminEnvironment(bed: Pick<KubernetesBed, 'host' | 'kubernetes'>): Readonly<Record<string, string>> {
  writeKubeconfig(bed, bed.kubernetes, ADMIN_TOKEN, KUBECONFIG);
  return { DATASTORE_TYPE: 'kubernetes', KUBECONFIG };
}

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs calicoctl on the bed's machine as an administrator; `input` is its standard input. */
export function kubernetesCalicoctl(
  bed: KubernetesBed,
  line: string,
  {
    env = adminEnvironment(bed),
    input = '',
  }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Ran> {
  return bed.host.run(`${tools().bin}/calicoctl`, line.split(' '), { env: { PATH, ...env }, input });
}

/** What it printed; throws unless it ended with this status. */
export async function kubernetesSaid(
  bed: KubernetesBed,
  line: string,
  { status = 0, input = '' } = {},
): Promise<string> {
  const ran = await kubernetesCalicoctl(bed, line, { input });
  if (ran.exit !== status) throw new Error(`calicoctl ${line}: exit ${ran.exit}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}
