import { expect, test } from 'vitest';
import { affinitiesOf } from '../../../shared/datastore/query.ts';
import { affinityRef } from '../../../shared/datastore/ref.ts';
import { isOutcomeUnknown } from '../../../shared/datastore/unavailable.ts';
import { V1 } from '../../../shared/kubernetes-datastore/api-group.ts';
import { openFakeApi } from './fake-api.ts';
import { ask, block, G1, ofGroup, openIn } from './fake-datastore.ts';

const NAME = 'node1-10-0-0-16-28';
const OWN = affinityRef('node1', block(1));

/** A server with an affinity as old releases wrote it, and a host that has not labelled its affinities yet. */
function opened() {
  const api = openFakeApi(ofGroup(G1));
  const spec = { state: 'confirmed', node: 'node1', type: 'host', cidr: block(1).text, deleted: 'false' };
  api.put(`${G1}/blockaffinities/${NAME}`, { metadata: { name: NAME }, spec });
  const host = { isDone: false };
  const done = () => {
    host.isDone = true;
  };
  const labelling = { isDone: () => host.isDone, done };
  const store = openIn(api, V1, undefined, labelling);
  const list = async () => (await ask(store, affinitiesOf('node1')))[0]?.entries.map(({ ref }) => ref);
  const labels = () => api.get(`${G1}/blockaffinities/${NAME}`)?.metadata['labels'];
  return { api, host, list, labels };
}

const refusal = (code: number) => ({ status: code, body: JSON.stringify({ kind: 'Status', code, message: 'no' }) });

test.each([
  ['another program changes meanwhile', refusal(409)],
  ['the plugin may not write', refusal(403)],
])('an affinity without labels that %s is used, and labelled by the next call', async (_, reply) => {
  const { api, host, list, labels } = opened();
  api.disturb(/^PUT /, reply);
  expect(await list()).toEqual([OWN]);
  expect(host.isDone).toBe(false);
  expect(labels()).toBeUndefined();
  expect(await list()).toEqual([OWN]);
  expect(host.isDone).toBe(true);
  expect(labels()).toMatchObject({ 'projectcalico.org/affinity-type': 'host' });
  api.rounds.length = 0;
  expect(await list()).toEqual([OWN]);
  expect(api.rounds.flat()).toHaveLength(1);
});

test('a server that is lost while it labels an affinity fails the call, and the next one finds the labels', async () => {
  const { api, host, list, labels } = opened();
  api.disturb(/^PUT /, 'no answer');
  await expect(list()).rejects.toSatisfy(isOutcomeUnknown);
  expect(host.isDone).toBe(false);
  expect(labels()).toBeDefined();
  expect(await list()).toEqual([OWN]);
  expect(host.isDone).toBe(true);
});
