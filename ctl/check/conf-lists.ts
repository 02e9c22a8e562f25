import { namesInFolder, readText } from '../../shared/system/files.ts';
import type { World } from '../../shared/system/world.ts';
import type { ConfList } from './chained-shaper.ts';

/** The folder of this node's network configurations. */
export const netFolder = ({ env }: Pick<World, 'env'>): string => env['CNI_NET_DIR'] || '/etc/cni/net.d';

/** The network configuration lists of this node. None if the folder cannot be read. */
export function confLists(world: Pick<World, 'env'>): readonly ConfList[] {
  const folder = netFolder(world);
  try {
    const names = namesInFolder(folder).filter((name) => name.endsWith('.conflist'));
    return names.map((name) => ({ path: `${folder}/${name}`, text: readText(`${folder}/${name}`) }));
  } catch {
    return [];
  }
}
