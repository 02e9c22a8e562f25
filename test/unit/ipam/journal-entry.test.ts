import { describe, expect, test } from 'vitest';
import { entryText, isFor, type JournalEntry, readEntry } from '../../../ipam/journal/journal-entry.ts';
import { endpointMarks } from '../../../shared/datastore/endpoint-marks.ts';

const marks = (...endpoints: readonly string[]) => endpointMarks({ endpoints, discoverySrv: '' });
const IDENTITY = {
  ...{ orchestrator: 'k8s', node: 'node1', namespace: 'prod', containerID: 'c1', pod: 'web-0', workload: 'web-0' },
  ...{ endpoint: 'eth0', endpointName: 'node1-k8s-web--0-eth0', endpointPrefix: 'node1-k8s-web--0-' },
  ...{ hostVeth: 'cali1', handleID: 'net1.c1', legacyHandleID: 'prod.web-0' },
};
const ENTRY: JournalEntry = {
  ...{ network: 'net1', containerID: 'c1', node: 'node1', handleIDs: ['net1.c1', 'prod.web-0'], endpoint: IDENTITY },
  store: { cluster: 'a', endpoints: marks('http://10.0.0.1:2379'), not: ['b'] },
  due: 1_795_249_881_123_456_789n,
};

describe('an entry', () => {
  test('is read as it was written', () => {
    expect(readEntry(entryText(ENTRY), 7n)).toEqual(ENTRY);
    const { endpoint: _, ...alone } = ENTRY;
    expect(readEntry(entryText(alone), 7n)).toEqual(alone);
  });

  test('written by a version that stored endpoints as text was due when its file was written', () => {
    const { store: _, due: __, ...kept } = ENTRY;
    const read = readEntry(JSON.stringify({ ...kept, store: 'http://10.0.0.1:2379,https://me:secret@b:1' }), 7n);
    expect(read).toEqual({ ...ENTRY, due: 7n, store: { endpoints: marks('10.0.0.1:2379', 'b:1'), not: [] } });
  });

  const fields = JSON.parse(entryText(ENTRY));
  test.for<[string, unknown]>([
    ['not a JSON object', null],
    ['not a JSON object', [fields]],
    ['not a JSON object', 'text'],
    ...['network', 'containerID', 'node'].flatMap((name): [string, unknown][] =>
      [null, undefined, '', 1, {}].map((value) => [
        name === 'containerID' && typeof value === 'string' ? 'containerID is not a string' : `${name} is not a string`,
        { ...fields, endpoint: undefined, [name]: value },
      ]),
    ),
    ['handleIDs is not a list of strings', { ...fields, handleIDs: 'net1.c1' }],
    ['handleIDs is not a list of strings', { ...fields, handleIDs: [null] }],
    ['endpoints is not a list of strings', { ...fields, endpoints: {} }],
    ['cluster is not a string', { ...fields, cluster: null }],
    ['due is not a time', { ...fields, due: 'soon' }],
    ['due is not a string', { ...fields, due: 1 }],
    ['endpoint does not belong to this container', { ...fields, endpoint: null }],
    ['endpoint does not belong to this container', { ...fields, endpoint: { ...IDENTITY, containerID: 'c2' } }],
    ['endpoint does not belong to this container', { ...fields, endpoint: { ...IDENTITY, handleID: undefined } }],
    ['endpoint does not belong to this container', { ...fields, endpoint: { ...IDENTITY, made: { uid: 1 } } }],
    ['handle net1.c2 does not belong to this container', { ...fields, handleIDs: ['net1.c2'] }],
    ['handle net1.c2 does not belong to this container', { ...fields, handleIDs: ['net1.c2'], endpoint: undefined }],
    ['handle prod.web-1 does not belong to this container', { ...fields, handleIDs: ['prod.web-1'] }],
  ])('%s: is rejected', ([why, value]) => {
    expect(() => readEntry(JSON.stringify(value), 7n)).toThrow(new Error(why));
  });

  test('that is not JSON is rejected without quoting the parser', () => {
    expect(() => readEntry('{"network":', 7n)).toThrow(new Error('not JSON'));
  });
});

describe('the etcd cluster of an entry', () => {
  const here = { cluster: 'a', endpoints: marks('http://10.0.0.1:2379') };
  const nothingKnown = new Map<string, string>();
  test.for([
    { what: 'by its name', sought: { cluster: 'a', endpoints: [], not: [] }, whose: 'this store' },
    { what: 'by another name', sought: { cluster: 'b', endpoints: here.endpoints, not: [] }, whose: 'another' },
    { what: 'by an endpoint', sought: { endpoints: marks('x:1', '10.0.0.1:2379'), not: [] }, whose: 'this store' },
    { what: 'not by another endpoint', sought: { endpoints: marks('10.0.0.1:2380'), not: [] }, whose: 'unknown' },
    { what: 'not if it is excluded', sought: { cluster: 'a', endpoints: [], not: ['a'] }, whose: 'another' },
  ])('is known $what', ({ sought, whose }) => {
    expect(isFor(sought, here, nothingKnown)).toBe(whose);
  });

  test('is known from what was behind its endpoint before', () => {
    const sought = { endpoints: marks('etcd.local:2379'), not: [] };
    expect(isFor(sought, here, new Map([[sought.endpoints[0] ?? '', 'a']]))).toBe('this store');
    expect(isFor({ ...sought, endpoints: here.endpoints }, here, new Map([[here.endpoints[0] ?? '', 'b']]))).toBe(
      'another',
    );
  });
});

describe('the fingerprint of an endpoint', () => {
  test.for([
    ['http://10.0.0.1:2379', 'https://10.0.0.1:2379/'],
    ['http://ETCD.local:2379', 'etcd.local:02379'],
    ['https://[FD00::0:1]:2379', 'https://[fd00::1]:2379'],
    ['https://me:p@ss@etcd:2379', 'you:other@etcd:2379'],
  ])('is the same for %s and %s', ([one = '', other = '']) => {
    expect(marks(one)).toEqual(marks(other));
  });

  test('reveals neither endpoint nor credentials, whatever their form', () => {
    for (const text of ['https://me:s3cret@etcd:2379', 'me:s3cret@etcd:2379', 's3cret', 'http://etcd:2379/?s3cret']) {
      expect(marks(text).join()).toMatch(/^[0-9a-f]{40}$/);
    }
  });
});
