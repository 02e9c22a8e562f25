import { describe, expect, test } from 'vitest';
import type { Context } from '../../../ctl/command-line/context.ts';
import { findAll, findOne } from '../../../ctl/commands/find.ts';
import { kindNamed } from '../../../ctl/kinds/kinds.ts';
import { silent } from '../../../shared/log/log.ts';
import { connect } from '../../support/fake-datastore/connection.ts';
import { scanOf } from '../../support/fake-datastore/fake-scan.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org';
const IPAM = '/calico/ipam/v2';

function contextOf(content: Readonly<Record<string, string>>) {
  const world = fakeWorld({});
  const model = fakeStore(content);
  const context: Context = {
    world,
    log: silent,
    deadline: 1_000,
    isTerminal: false,
    get target(): never {
      throw new Error('only the opener knows the target');
    },
    store: connect(model),
    openScan: () => scanOf(model),
    openFeed: () => Promise.reject(new Error('nothing is followed here')),
    out: world.stdout,
    err: world.stderr,
    progress: () => {},
    confirm: () => false,
  };
  return { context, err: world.err, trips: () => model.trips };
}

const known = (name: string) => {
  const found = kindNamed(name);
  if (found === undefined) throw new Error(`no kind ${name}`);
  return found;
};

async function namesOf(content: Readonly<Record<string, string>>, kind: string, namespace?: string) {
  const { context, err } = contextOf(content);
  const { resources } = await findAll(context, known(kind), namespace);
  return { names: resources.map(({ metadata }) => metadata.name), err: err() };
}

describe('the endpoints', () => {
  const endpoint = (namespace: string, name: string) => ({
    [`${RESOURCES}/workloadendpoints/${namespace}/${name}`]: JSON.stringify({
      metadata: { name, namespace },
      spec: {},
    }),
  });
  const content = {
    ...endpoint('prod', 'a'),
    ...endpoint('production', 'b'),
    [`${RESOURCES}/workloadendpoints/test/c`]: '{',
  };

  test('of every namespace are listed, and unreadable ones reported', async () => {
    const { names, err } = await namesOf(content, 'WorkloadEndpoint');
    expect(names).toEqual(['a', 'b']);
    expect(err).toMatch(/^Skipped: .*workloadendpoints\/test\/c/);
  });

  test('of one namespace are listed without others', async () => {
    expect(await namesOf(content, 'WorkloadEndpoint', 'prod')).toEqual({ names: ['a'], err: '' });
  });

  test('of other namespaces are not even read', async () => {
    const others = Object.assign({}, ...Array.from({ length: 600 }, (_, at) => endpoint('test', `p${at}`)));
    const { context, trips } = contextOf({ ...content, ...others });
    await findAll(context, known('WorkloadEndpoint'), 'prod');
    expect(trips()).toEqual(['read 1']);
  });
});

describe('the affinities of IPAM', () => {
  const content = {
    [`${IPAM}/host/node1/ipv4/block/10.0.0.0-26`]: '{"state":"confirmed"}',
    [`${IPAM}/host/node1/ipv4/block/10.0.0.1-26`]: '{"state":"confirmed"}',
    [`${IPAM}/host/node1`]: '',
    [`${IPAM}/virtual/load-balancer/ipv4/block/10.0.0.64-26`]: '',
  };

  test('are shown as BlockAffinity, with any owner; other keys are skipped', async () => {
    const { names } = await namesOf(content, 'BlockAffinity');
    expect(names).toEqual(['node1-10-0-0-0-26', 'load-balancer-10-0-0-64-26']);
  });

  test('are shown after BlockAffinity resources, which do not have our annotations', async () => {
    const stored = { kind: 'BlockAffinity', metadata: { name: 'by-hand' }, spec: { node: 'node1' } };
    const key = `${RESOURCES}/blockaffinities/by-hand`;
    const { context } = contextOf({ ...content, [key]: JSON.stringify(stored) });
    const { resources } = await findAll(context, known('BlockAffinity'), undefined);
    expect(resources.map(({ metadata }) => [metadata.name, metadata.annotations?.['calicoctl/origin']])).toEqual([
      ['by-hand', undefined],
      ['node1-10-0-0-0-26', 'ipam'],
      ['load-balancer-10-0-0-64-26', 'ipam'],
    ]);
    expect(await findOne(context, known('BlockAffinity'), { name: 'by-hand' })).toMatchObject(stored);
  });

  test('are found by name, with their version and where they are stored', async () => {
    const found = await findOne(contextOf(content).context, known('BlockAffinity'), { name: 'node1-10-0-0-0-26' });
    expect(found).toMatchObject({
      metadata: {
        resourceVersion: '1',
        annotations: { 'calicoctl/origin': 'ipam', 'calicoctl/key': `${IPAM}/host/node1/ipv4/block/10.0.0.0-26` },
      },
      spec: { state: 'confirmed', node: 'node1', type: 'host', cidr: '10.0.0.0/26' },
    });
  });
});
