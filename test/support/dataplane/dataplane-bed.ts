import { expect } from 'vitest';
import type { Bed, CallChanges } from '../bed/bed.ts';
import type { State } from '../bed/state.ts';
import { type Conf, conf } from '../stored/cluster.ts';
import { type Behaviour, openDataplane, SOCKET } from './grpc-dataplane.ts';

/** The options of a dataplane at SOCKET, which it also receives. */
export const GRPC_OPTIONS = { type: 'grpc', socket: `unix://${SOCKET}`, colour: 'blue' };
const OPTIONS = { ...GRPC_OPTIONS, number: 7, nested: { a: 'b' } };
/** A call of a network with this dataplane. */
export const grpc = (changes: Conf = {}): CallChanges => ({
  conf: conf({ cniVersion: '1.0.0', dataplane_options: OPTIONS, ...changes }),
});

/** Runs some work while a dataplane is running. */
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

/** Expects no handle, endpoint or allocation. */
export function expectFree({ etcd }: State): void {
  const text = Object.entries(etcd).flat().join('\n');
  for (const trace of ['/ipam/v2/handle/', 'workloadendpoints', 'handle_id']) expect(text).not.toContain(trace);
}
