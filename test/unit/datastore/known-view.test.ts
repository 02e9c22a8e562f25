import { describe, expect, it } from 'vitest';
import { openView } from '../../../shared/datastore/known-view.ts';
import { countBetween, type Entry, keysBetween, one, under, valuesBetween } from '../../../shared/datastore/view.ts';

const entry = (key: string, modRevision = 1, value = key): Entry => ({ key, value, modRevision });
const whole = (...entries: Entry[]) => ({ entries, more: false, count: entries.length });

describe('a view', () => {
  it('knows a key that was read, there or not', () => {
    const view = openView();
    view.learn(one('/a'), whole(entry('/a')));
    view.learn(one('/b'), whole());
    expect(view.get('/a')).toEqual(entry('/a'));
    expect(view.get('/b')).toBeUndefined();
    expect([view.knows('/a'), view.knows('/b'), view.knows('/c')]).toEqual([true, true, false]);
  });

  it('throws for a key and a prefix that were never read', () => {
    const view = openView();
    view.learn(under('/a/b/'), whole());
    expect(() => view.get('/a/c')).toThrow('has not read');
    expect(() => view.list('/a/')).toThrow('has not read');
    expect(() => view.answer(countBetween('/a/b/', '/a/b0'))).toThrow('has not read');
  });

  it('knows every key under a prefix that was read, up to its end', () => {
    const view = openView();
    view.learn(under('/a/'), whole(entry('/a/1')));
    expect(view.get('/a/1')).toEqual(entry('/a/1'));
    expect(view.get('/a/2')).toBeUndefined();
    expect([view.knows('/a/'), view.knows('/a0'), view.knows('/a')]).toEqual([true, false, false]);
  });

  it('lists a narrower prefix of what was read', () => {
    const view = openView();
    view.learn(under('/a/'), whole(entry('/a/b/1'), entry('/a/b/2'), entry('/a/c/1')));
    expect(view.list('/a/b/').map(({ key }) => key)).toEqual(['/a/b/1', '/a/b/2']);
    expect(view.missing([under('/a/c/'), under('/a'), one('/a/x')])).toEqual([under('/a')]);
  });

  it('lists in byte order of UTF-8, which is not that of UTF-16', () => {
    const view = openView();
    const keys = ['/a/z', '/a/\uffee', '/a/😀', '/a/A', '/a/ü'];
    view.learn(under('/a/'), whole(...keys.map((key) => entry(key))));
    expect(view.list('/a/').map(({ key }) => key)).toEqual(['/a/A', '/a/z', '/a/ü', '/a/\uffee', '/a/😀']);
  });

  it('keeps names, numbers and cut-off lists as answers, and takes no value from a name', () => {
    const view = openView();
    const names = { entries: [entry('/a/1', 1, '')], more: true, count: 9 };
    view.learn(keysBetween('/a/', '/a0', 1), names);
    view.learn(countBetween('/b/', '/b0'), { entries: [], more: false, count: 5 });
    view.learn(valuesBetween('/c/', '/c0', 1), { entries: [entry('/c/1')], more: true, count: 2 });
    expect(view.answer(keysBetween('/a/', '/a0', 1))).toEqual(names);
    expect(view.answer(countBetween('/b/', '/b0')).count).toBe(5);
    expect([view.knows('/a/1'), view.knows('/c/1'), view.knows('/c/2')]).toEqual([false, true, false]);
    expect(view.missing([keysBetween('/a/', '/a0', 2), under('/c/')])).toEqual([
      keysBetween('/a/', '/a0', 2),
      under('/c/'),
    ]);
  });

  it('forgets a key that a later read of its range no longer has', () => {
    const view = openView();
    view.learn(one('/a/1'), whole(entry('/a/1')));
    view.learn(under('/a/'), whole());
    expect(view.get('/a/1')).toBeUndefined();
    expect(view.list('/a/')).toEqual([]);
  });

  it('shows changed, new and deleted keys after a lost race, in lists too', () => {
    const view = openView();
    view.learn(under('/a/'), whole(entry('/a/1'), entry('/a/2'), entry('/a/3')));
    view.refresh(['/a/1', '/a/2', '/a/4', '/b'], [entry('/a/2', 9, 'new'), entry('/a/4', 9)]);
    expect(view.list('/a/')).toEqual([entry('/a/2', 9, 'new'), entry('/a/3'), entry('/a/4', 9)]);
    expect(view.knows('/b')).toBe(true);
    expect(view.get('/b')).toBeUndefined();
  });

  it('forgets numbers, names and cut-off lists after a lost race', () => {
    const view = openView();
    view.learn(countBetween('/b/', '/b0'), { entries: [], more: false, count: 5 });
    view.refresh(['/x'], []);
    expect(view.missing([countBetween('/b/', '/b0')])).toHaveLength(1);
  });
});
