import { expect, test } from 'vitest';
import { WatchMarks } from '../../../shared/etcd/watch-marks.ts';

const header = (revision: number) => ({ clusterId: 7n, memberId: 1n, revision });
const change = (modRevision: number) => ({ type: 0, kv: { key: '/a/1', value: '', modRevision } });

function listed(revision: number): WatchMarks {
  const marks = new WatchMarks();
  marks.listed(['/a/', '/b/'], { cluster: 7n, revision });
  return marks;
}

test('a watch begins after the list', () => {
  expect(listed(10).next('/a/')).toBe(11);
  expect(new WatchMarks().next('/a/')).toBe(0);
});

test('changes move the mark of their range, to their last and no further', () => {
  const marks = listed(10);
  // Of a watch that catches up, the header has the revision of the store.
  marks.followed('/a/', { events: [change(12), change(14)], header: header(90) });
  expect([marks.next('/a/'), marks.next('/b/')]).toEqual([15, 11]);
});

test('an answer without changes says that there are none up to its revision', () => {
  const marks = listed(10);
  marks.followed('/b/', { events: [], header: header(50) });
  expect([marks.next('/a/'), marks.next('/b/')]).toEqual([11, 51]);
});

test('a mark never goes back', () => {
  const marks = listed(10);
  marks.followed('/a/', { events: [], header: header(5) });
  expect(marks.next('/a/')).toBe(11);
});

test.each([
  ['the same cluster', 7n, 10, true],
  ['the same cluster, further on', 7n, 99, true],
  ['another cluster', 8n, 10, false],
  ['a cluster that was set back', 7n, 9, false],
])('%s: can it go on?', (_, cluster, revision, can) => {
  expect(listed(10).canGoOn({ cluster, revision })).toBe(can);
});

test('before the first list, and after marks were forgotten, everything must be read', () => {
  const marks = listed(10);
  marks.forget();
  expect(marks.canGoOn({ cluster: 7n, revision: 10 })).toBe(false);
  expect(new WatchMarks().canGoOn({ cluster: 0n, revision: 0 })).toBe(false);
});
