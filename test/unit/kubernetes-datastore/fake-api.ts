import type { ApiConnection } from '../../../shared/kubernetes/api-connection.ts';
import { type Reply, unreachable } from '../../../shared/kubernetes/failure.ts';
import { FakeObjects, type Json, type Stored } from './fake-objects.ts';

/** A disturbed request: another answer, no answer, or a request that does not arrive. */
type Disturbance = Reply | 'no answer' | 'not reached';

/** An API server in memory. */
export interface FakeApi {
  readonly connection: ApiConnection;
  /** `METHOD path` of each request; those sent in parallel are in one list. */
  readonly rounds: string[][];
  /** Disturbs the first request that matches. */
  disturb(matches: RegExp, disturbance: Disturbance): void;
  put(path: string, object: Json): void;
  get(path: string): Stored | undefined;
  paths(): readonly string[];
}

const SERVER = new URL('https://10.96.0.1:443');

/** `kinds`: the collections that exist, e.g. `/apis/crd.projectcalico.org/v1/ipamblocks`. */
export function openFakeApi(kinds: readonly string[]): FakeApi {
  const objects = new FakeObjects();
  const disturbances: { readonly matches: RegExp; readonly disturbance: Disturbance }[] = [];
  const rounds: string[][] = [];
  let open: string[] | undefined;
  const disturbanceOf = (words: string): Disturbance | undefined => {
    const at = disturbances.findIndex(({ matches }) => matches.test(words));
    return at === -1 ? undefined : disturbances.splice(at, 1)[0]?.disturbance;
  };
  const together = async (words: string) => {
    const round = open ?? [];
    if (open === undefined) rounds.push(round);
    open = round;
    round.push(words);
    await new Promise((resolve) => setTimeout(resolve, 1));
    open = undefined;
  };
  return {
    rounds,
    disturb: (matches, disturbance) => disturbances.push({ matches, disturbance }),
    put: (path, object) => objects.put(path, object),
    get: (path) => objects.all.get(path),
    paths: () => [...objects.all.keys()],
    connection: {
      begin: () => undefined,
      opened: async () => undefined,
      access: () => undefined,
      close: () => undefined,
      async ask(question) {
        const words = `${question.method ?? 'GET'} ${question.path}`;
        await together(words);
        const disturbance = disturbanceOf(words);
        if (typeof disturbance === 'object') return disturbance;
        if (disturbance === 'not reached') throw unreachable(SERVER, 'connect ECONNREFUSED');
        const reply = objects.answer(kinds, question);
        if (disturbance === 'no answer') throw unreachable(SERVER, 'the connection broke', '', { sent: true });
        return reply;
      },
    },
  };
}
