import { existsSync, readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { usedAddresses } from '../invariants/transitions.ts';
import { JOURNAL } from '../journal/hostile-entries.ts';
import { caliLinks } from '../network/netns.ts';
import type { KubernetesBed } from './bed.ts';

/** Addresses in use, handles, and host ends of pods: what a container has while it lives. */
export async function heldOn(bed: KubernetesBed) {
  const dump = await bed.dump();
  return {
    addresses: usedAddresses(dump).toSorted(),
    handles: (await bed.list('ipamhandles')).map(({ spec }) => String(spec['handleID'])).toSorted(),
    links: await caliLinks(bed.host),
  };
}

const NOTHING_HELD = { addresses: [], handles: [], links: [] };

/** Nothing is in use, and no invariant violated. After a call that was killed or refused half-way, an affinity may still be pending. */
export async function expectNothingHeld(bed: KubernetesBed, afterKill = false): Promise<void> {
  expect(await heldOn(bed)).toEqual(NOTHING_HELD);
  expect(await bed.faults(afterKill)).toEqual([]);
}

/** The containers with entries in the node's journal. */
export function journalledOn(bed: KubernetesBed): readonly string[] {
  const folder = bed.host.file(JOURNAL);
  return existsSync(folder) ? readdirSync(folder).map((name) => name.replace(/-[0-9a-f]{16}\.json.*$/, '')) : [];
}

const PREFIX = 'cni.projectcalico.org/';

/** What a pod's annotations say about its endpoint: container, first address and all addresses; undefined without annotations. */
export async function endpointNotes(bed: KubernetesBed, name: Parameters<KubernetesBed['podObject']>[0]) {
  const annotations = (await bed.podObject(name))?.metadata.annotations ?? {};
  const [containerID, podIP, podIPs] = ['containerID', 'podIP', 'podIPs'].map((note) => annotations[PREFIX + note]);
  return { containerID, podIP, podIPs };
}
