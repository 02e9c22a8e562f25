import { expect } from 'vitest';
import type { Bed, CallChanges } from '../bed/bed.ts';
import type { State } from '../bed/state.ts';
import { type Conf, conf } from '../stored/cluster.ts';
import { type Behaviour, openDataplane, SOCKET } from './grpc-dataplane.ts';

/** Options of a dataplane at SOCKET, those that it is told. */
export const TOLD = { type: 'grpc', socket: `unix://${SOCKET}`, colour: 'blue' };
const OPTIONS = { ...TOLD, number: 7, nested: { a: 'b' } };
/** A call of a network with this dataplane. */
export const grpc = (changes: Conf = {}): CallChanges => ({
  conf: conf({ cniVersion: '1.0.0', dataplane_options: OPTIONS, ...changes }),
});

/** A dataplane for the time of one piece of work. */
export async function withDataplane<T>(
  bed: Bed,
  behave: Behaviour,
  work: (seen: Awaited<ReturnType<typeof openDataplane>>['seen']) => Promise<T>,
): Promise<T> {
  const dataplane = await openDataplane(bed.host, behave);
  try {
    return await work(dataplane.seen);
  } finally {
    dataplane.close();
  }
}

/** No handle, no endpoint, no allocation. */
export function expectFree({ etcd }: State): void {
  const text = Object.entries(etcd).flat().join('\n');
  for (const trace of ['/ipam/v2/handle/', 'workloadendpoints', 'handle_id']) expect(text).not.toContain(trace);
}
