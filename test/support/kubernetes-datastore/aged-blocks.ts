import { aged } from '../stored/aged.ts';
import type { KubernetesBed } from './bed.ts';
import { resourcePath } from './custom-resources.ts';

/** Makes all addresses look as if they had been assigned long ago. */
export async function ageBlocks({ ask, group, list }: KubernetesBed): Promise<void> {
  for (const block of await list('ipamblocks')) {
    const path = resourcePath(group, 'ipamblocks', String(block.metadata.name));
    const { body } = await ask('GET', path);
    const { status, text } = await ask('PUT', path, JSON.parse(aged(JSON.stringify(body))));
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  }
}
