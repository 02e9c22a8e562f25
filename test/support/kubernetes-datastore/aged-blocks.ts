import { aged } from '../stored/aged.ts';
import type { KubernetesBed } from './bed.ts';
import { resourcePath } from './custom-resources.ts';

/** Makes all addresses look as if they had been assigned long ago. */
export async function ageBlocks({ ask, group, list }: KubernetesBed): Promise<void> {
  for (const block of await list('ipamblocks')) {
    const path = resourcePath(group, 'ipamblocks', String(block.metadata.name));
    // As text: parsed, the sequence numbers would lose digits.
    const { text } = await ask('GET', path);
    const written = await ask('PUT', path, aged(text));
    if (written.status !== 200) throw new Error(`${path}: ${written.status} ${written.text}`);
  }
}
