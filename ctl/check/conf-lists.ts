import { namesInFolder, readText } from '../../shared/system/files.ts';
import type { World } from '../../shared/system/world.ts';
import type { ConfList } from './chained-shaper.ts';

/** The network configuration lists of this node, in CNI_NET_DIR or /etc/cni/net.d. None if the folder cannot be read. */
export function confLists({ env }: Pick<World, 'env'>): readonly ConfList[] {
  const folder = env['CNI_NET_DIR'] || '/etc/cni/net.d';
  try {
    const names = namesInFolder(folder).filter((name) => name.endsWith('.conflist'));
    return names.map((name) => ({ path: `${folder}/${name}`, text: readText(`${folder}/${name}`) }));
  } catch {
    return [];
  }
}
