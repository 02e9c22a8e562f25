import { describe, expect, it } from 'vitest';
import { openView } from '../../../shared/datastore/known-view.ts';
import {
  type Answer,
  affinitiesOf,
  ENDPOINT_NAMES,
  type Entry,
  endpointsOf,
  get,
  handlesBeginning,
  type ListQuery,
  type Query,
} from '../../../shared/datastore/query.ts';
import { affinityRef, blockRef, endpointRef, handleRef, type Ref, textOf } from '../../../shared/datastore/ref.ts';
import { cidr } from '../../support/inputs/cidr.ts';

const entry = (ref: Ref, version = '1', value = textOf(ref)): Entry => ({
  ref,
  at: `at ${textOf(ref)}`,
  value,
  version,
});
const whole = (...entries: Entry[]): Answer => ({ entries, refs: [] });
const [A, B, C] = [handleRef('a'), handleRef('b'), handleRef('c')];
const ALL = handlesBeginning('');

describe('a view', () => {
  it('knows an object that was read, whether it exists or not', () => {
    const view = openView();
    view.learn(get(A), whole(entry(A)));
    view.learn(get(B), whole());
    expect(view.get(A)).toEqual(entry(A));
    expect(view.get(B)).toBeUndefined();
    expect([view.knows(A), view.knows(B), view.knows(C)]).toEqual([true, true, false]);
  });

  it('throws for an object, a list and an answer that were never read', () => {
    const view = openView();
    view.learn(handlesBeginning('a.b'), whole());
    expect(() => view.get(handleRef('a.c'))).toThrow('without having read it');
    expect(() => view.list(handlesBeginning('a'))).toThrow('without having read it');
    expect(() => view.answer(ENDPOINT_NAMES)).toThrow('without having read it');
  });

  it('knows every object that a list selects once the list was read', () => {
    const view = openView();
    const web = endpointRef('prod', 'web-1');
    view.learn(endpointsOf('prod', 'web-'), whole(entry(web)));
    expect(view.get(web)).toEqual(entry(web));
    expect(view.get(endpointRef('prod', 'web-2'))).toBeUndefined();
    const others = [endpointRef('prod', 'web'), endpointRef('dev', 'web-1'), handleRef('web-1')];
    expect(others.map((ref) => view.knows(ref))).toEqual([false, false, false]);
  });

  it('knows a node’s affinities once they were read, and no other owner’s', () => {
    const view = openView();
    const block = cidr('10.0.0.0/26');
    view.learn(affinitiesOf('n1'), whole());
    expect(view.get(affinityRef('n1', block))).toBeUndefined();
    expect(view.knows(affinityRef('n2', block))).toBe(false);
    expect(view.knows({ ...affinityRef('n1', block), type: 'virtual' })).toBe(false);
  });

  it('lists a subset of what was read', () => {
    const view = openView();
    const handles = ['a.1', 'a.2', 'b.1'].map((id) => entry(handleRef(id)));
    view.learn(ALL, whole(...handles));
    expect(view.list(handlesBeginning('a.'))).toEqual(handles.slice(0, 2));
    const wider: ListQuery = { all: 'WorkloadEndpoint' };
    expect(view.missing([handlesBeginning('b'), wider, get(handleRef('x'))])).toEqual([wider]);
  });

  it('lists in UTF-8 byte order, which differs from UTF-16 order', () => {
    const view = openView();
    view.learn(ALL, whole(...['z', '\uffee', '😀', 'A', 'ü'].map((id) => entry(handleRef(id)))));
    expect(view.list(ALL).map(({ ref }) => textOf(ref))).toEqual(
      ['A', 'z', 'ü', '\uffee', '😀'].map((id) => `Handle(${id})`),
    );
  });

  it('keeps names as an answer, and derives no object from a name', () => {
    const view = openView();
    const web = endpointRef('prod', 'web');
    const names: Answer = { entries: [], refs: [web] };
    view.learn(ENDPOINT_NAMES, names);
    expect(view.answer(ENDPOINT_NAMES)).toEqual(names);
    expect(view.knows(web)).toBe(false);
    expect(view.missing([ENDPOINT_NAMES, { all: 'WorkloadEndpoint' }])).toEqual([{ all: 'WorkloadEndpoint' }]);
  });

  it('forgets an object that is missing from a later read of its list', () => {
    const view = openView();
    view.learn(get(A), whole(entry(A)));
    view.learn(ALL, whole());
    expect(view.get(A)).toBeUndefined();
    expect(view.list(ALL)).toEqual([]);
  });

  it('returns changed, new and deleted objects after a lost race, in lists too', () => {
    const view = openView();
    const [D, other] = [handleRef('d'), endpointRef('ns', 'x')];
    view.learn(ALL, whole(entry(A), entry(B), entry(C)));
    view.refresh([A, B, D, other], [entry(B, '9', 'new'), entry(D, '9')]);
    expect(view.list(ALL)).toEqual([entry(B, '9', 'new'), entry(C), entry(D, '9')]);
    expect(view.knows(other)).toBe(true);
    expect(view.get(other)).toBeUndefined();
  });

  it('forgets names after a lost race', () => {
    const view = openView();
    view.learn(ENDPOINT_NAMES, whole());
    view.refresh([A], []);
    expect(view.missing([ENDPOINT_NAMES])).toHaveLength(1);
  });
});

describe('a search for free blocks', () => {
  const [first, second] = [blockRef(cidr('10.0.0.0/26')), blockRef(cidr('10.0.0.64/26'))];
  const search: Query = { freeBlocks: { pool: { cidr: cidr('10.0.0.0/24'), blockSize: 26 }, start: first.cidr } };

  it('makes its candidates known, both existing and missing ones', () => {
    const view = openView();
    view.learn(search, { refs: [first, second], entries: [entry(first)] });
    expect(view.get(first)).toEqual(entry(first));
    expect(view.knows(second) && view.get(second)).toBeUndefined();
    expect(view.knows(blockRef(cidr('10.0.0.128/26')))).toBe(false);
  });

  it('is kept after a lost race and updated with what the race returned', () => {
    const view = openView();
    view.learn(search, { refs: [first, second], entries: [] });
    view.refresh([first], [entry(first, '9')]);
    expect(view.missing([search])).toEqual([]);
    expect(view.get(first)).toEqual(entry(first, '9'));
  });
});
