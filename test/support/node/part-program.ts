import { platform } from '#platform';
import { birdPart } from '../../../node/bird/bird-part.ts';
import { forwardingPart } from '../../../node/forwarding/forwarding-part.ts';
import type { Part } from '../../../node/run/part.ts';
import type { NetworkState } from '../../../node/state/network-state.ts';
import { tunnelPart } from '../../../node/tunnel/tunnel-part.ts';
import { fromUtf8, utf8 } from '../../../shared/bytes/text.ts';
import { Failure } from '../../../shared/error/failure.ts';
import type { PartAnswer, PartOrder, PartStart } from './part-orders.ts';
import { stateOf } from './state-text.ts';

/** Runs a part of `calicoctl node run` on the native host by itself: an order per line of standard input, an answer per line of standard output. */
async function main(): Promise<void> {
  let part: Part | undefined;
  for (const line of lines()) {
    const order: PartStart | PartOrder = JSON.parse(line);
    if ('part' in order) part = partOf(order);
    else if (part !== undefined) print(await answerTo(part, order));
  }
}

function partOf(start: PartStart): Part {
  if (start.part !== 'bird') return start.part === 'tunnels' ? tunnelPart() : forwardingPart();
  const { socket, configuration, passwords = {} } = start;
  return birdPart({ socket, configuration, passwords: async ({ name, key }) => passwords[`${name}/${key}`] });
}

async function answerTo(part: Part, order: PartOrder): Promise<PartAnswer> {
  const state = 'apply' in order ? stateOf(order.apply) : undefined;
  const began = platform.now();
  const since = () => Number((platform.now() - began) / 1_000_000n);
  try {
    const lines = await carriedOut(part, order, state);
    return { lines, problem: part.problem(), milliseconds: since() };
  } catch (error) {
    const details = error instanceof Failure ? `: ${error.details}` : '';
    return { lines: [], failed: `${error instanceof Error ? error.message : error}${details}`, milliseconds: since() };
  }
}

async function carriedOut(part: Part, order: PartOrder, state: NetworkState | undefined): Promise<readonly string[]> {
  if (state !== undefined) return part.apply(state);
  if ('check' in order) return (await part.check?.()) ?? [];
  if ('stop' in order) await part.stop(order.stop === 'clean');
  return [];
}

const CHUNK = 1 << 16;

function* lines(): Generator<string> {
  const buffer = new Uint8Array(CHUNK);
  for (let text = ''; ; ) {
    const length = platform.read(0, buffer);
    if (length === 0) return;
    const parts = (text + fromUtf8(buffer.slice(0, length))).split('\n');
    text = parts.pop() ?? '';
    yield* parts;
  }
}

const print = (answer: PartAnswer): void => void platform.write(1, utf8(`${JSON.stringify(answer)}\n`));

void main();
