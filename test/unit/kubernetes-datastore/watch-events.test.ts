import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../../shared/bytes/text.ts';
import { nodeAccess } from '../../../shared/kubernetes-datastore/node-access.ts';
import { openLines, readEvent } from '../../../shared/kubernetes-datastore/watch-events.ts';

test('lines are the same however their bytes arrive, also within a character', () => {
  const lines = ['{"a":"ä€😀"}', '', '{"b":1}'];
  const bytes = utf8(`${lines.join('\n')}\nrest`);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const take = openLines();
      expect(edges.slice(1).flatMap((end, at) => [...take(bytes.subarray(edges[at], end))])).toEqual(lines);
    }),
  );
});

test('a line without an end is refused before it takes all memory', () => {
  const take = openLines();
  const part = new Uint8Array(1 << 20).fill(97);
  expect(() => {
    for (let times = 0; times < 20; times++) take(part);
  }).toThrow(/too long/);
});

test.each([
  ['{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"5"}}}', { type: 'ADDED', version: '5' }],
  ['{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}', { type: 'BOOKMARK', version: '9' }],
  [
    '{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}',
    { type: 'ERROR', code: 410, message: 'too old' },
  ],
  ['{"type":"SOMETHING","object":{}}', undefined],
  ['{"type":"ADDED"}', undefined],
  ['{"type":"ADDED","object":{', undefined],
  ['', undefined],
])('%s', (line, event) => {
  const found = readEvent(line, {});
  if (event === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject(event);
});

test('what nobody reads of an object is left out', () => {
  const line = JSON.stringify({
    type: 'MODIFIED',
    object: {
      metadata: { name: 'n', managedFields: [{}] },
      status: { images: [{}], conditions: [{}], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
    },
  });
  expect(readEvent(line, nodeAccess.routed?.leaveOut ?? {})).toMatchObject({
    object: { metadata: { name: 'n' }, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } },
  });
  expect(JSON.stringify(readEvent(line, nodeAccess.routed?.leaveOut ?? {}))).not.toMatch(
    /images|conditions|managedFields/,
  );
});
