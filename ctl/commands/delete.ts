import { transact } from '../../shared/datastore/transaction.ts';
import { isUnavailable } from '../../shared/datastore/unavailable.ts';
import { Failure } from '../../shared/error/failure.ts';
import { remove, requireDeletable } from '../change/remove.ts';
import { type Args, type Command, UsageError } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { isAgreed } from '../command-line/question.ts';
import { Refused } from '../resource/fault.ts';
import { deleteEndpoint, endpointAtStake } from './delete-endpoint.ts';
import { deleteNode } from './delete-node.ts';
import { deletePool } from './delete-pool.ts';
import { each } from './each.ts';
import { holdingsText, nodeHoldings } from './node-holdings.ts';
import { resultText } from './outcome.ts';
import { placed } from './place.ts';
import { FILE_OPTIONS, KIND_WORDS, NAMESPACE_OPTION, type Selection, selectionOf } from './selection.ts';

/** `calicoctl delete`: resources by kind and name, or those in a file. */
export const deleteCommand: Command = {
  words: 'delete',
  operands: '[kind] [names...]',
  operand: KIND_WORDS,
  summary: 'Delete resources',
  about:
    'A pool is disabled first and its blocks are released; pods keep their addresses.\nDeleting a node also deletes its endpoints, their addresses and its block affinities, even if the Node resource is already gone.\nUse delete workloadendpoint to release the addresses of a container that is gone without a DEL.',
  options: [
    ...FILE_OPTIONS,
    NAMESPACE_OPTION,
    { flags: '-s, --skip-not-exists', summary: 'ignore resources that do not exist' },
    { flags: '-y, --yes', summary: 'do not ask, even if containers may still be running' },
  ],
  examples: [
    { what: 'A pool', line: 'delete ippool old-pool' },
    { what: 'A node that is gone for good', line: 'delete node node7' },
    { what: 'The endpoint of a container that is gone', line: 'delete wep node1-cni-abc123-eth0' },
    { what: 'The resources in a file', line: 'delete -f pool.yaml' },
  ],
  run,
};

async function run(context: Context, args: Args): Promise<number> {
  const where = { namespace: args.text('namespace'), everywhere: false };
  const asked = selectionOf(context, args);
  if (asked.some(({ named }) => named.name === '')) throw new UsageError('resource name may not be empty');
  const at = (one: Selection): Selection => ({ ...one, named: placed(one.kind, one.named, where) });
  if (!args.flag('yes') && !(await mayGo(context, asked, at))) return 1;
  const skipped = args.flag('skip-not-exists') ? 'missing' : undefined;
  const results = await each(asked, skipped, (one) => deleteOne(context, at(one)), context.progress);
  const { out, error } = resultText({ word: 'delete', past: 'deleted' }, results);
  context.out(out);
  if (error !== undefined) throw error;
  return 0;
}

/** Asks before containers that may still run lose their addresses. */
async function mayGo(
  context: Context,
  asked: readonly Selection[],
  at: (one: Selection) => Selection,
): Promise<boolean> {
  const stakes: string[] = [];
  for (const one of asked) stakes.push(...(await atStake(context, one, at)));
  if (stakes.length === 0) return true;
  const about = stakes.map((stake) => `${stake}\n`).join('');
  const unasked = `${about}delete asks for confirmation when containers may still be running, but standard input is not a terminal: use --yes`;
  return isAgreed(context, { about, text: 'Containers may still be running. Delete anyway?', unasked });
}

async function atStake(
  context: Context,
  one: Selection,
  at: (one: Selection) => Selection,
): Promise<readonly string[]> {
  try {
    const asked = at(one);
    if (one.kind.name === ENDPOINT) return [await endpointAtStake(context, asked)];
    return one.kind.name === 'Node' ? await nodeAtStake(context, asked) : [];
  } catch (thrown) {
    if (!(thrown instanceof Failure) || isUnavailable(thrown)) throw thrown;
    // Whatever prevents the deletion is reported when it is tried.
    return [];
  }
}

async function nodeAtStake(context: Context, asked: Selection): Promise<readonly string[]> {
  const holdings = await nodeHoldings(context, asked);
  const { name } = asked.named;
  if (holdings.endpoints === 0) return [];
  return [`${holdings.isThere ? `Node(${name}) has` : `${absent(name)}; it left`} ${holdingsText(holdings)}`];
}

const ENDPOINT = 'WorkloadEndpoint';
const absent = (name: string): string => `There is no Node(${name})`;

async function deleteOne(context: Context, asked: Selection): Promise<void> {
  const { kind, named, version } = asked;
  if (kind.name === ENDPOINT) return deleteEndpoint(context, asked);
  requireDeletable(kind);
  if (kind.name === 'IPPool') return deletePool(context, asked);
  if (kind.name === 'Node') return deleteNodeOrRest(context, asked);
  await transact(context, () => remove(kind, named, version));
}

/** Also deletes, and reports, what is left of a node that no longer exists. If nothing is left, the missing node is an error. */
async function deleteNodeOrRest(context: Context, asked: Selection): Promise<void> {
  const holdings = await nodeHoldings(context, asked);
  try {
    await deleteNode(context, asked);
  } catch (thrown) {
    const rest = holdingsText(holdings);
    if (!(thrown instanceof Refused) || thrown.why !== 'missing' || rest === '') throw thrown;
    context.out(`${absent(asked.named.name)}; deleted what it left: ${rest}\n`);
  }
}
