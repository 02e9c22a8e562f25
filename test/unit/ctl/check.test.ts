import { describe, expect, test } from 'vitest';
import { isFault } from '../../../ctl/check/finding.ts';
import { repair } from '../../../ctl/check/repair.ts';
import { inspectModel, menderOf, told } from '../../support/check-model.ts';
import { openModel } from '../../support/etcd-model.ts';
import { violations } from '../../support/invariants.ts';
import { MENDABLE } from '../../support/ipam-damage.ts';
import { damaged, HEALTHY, UNUSUAL } from '../../support/ipam-healthy.ts';
import { at } from '../../support/ipam-world.ts';

const NOW = at(3600);

describe('a check finds nothing wrong', () => {
  test('with a healthy cluster', async () => {
    expect(violations(HEALTHY)).toEqual([]);
    const { findings, counts } = await inspectModel(openModel(HEALTHY), NOW);
    expect(told(findings)).toEqual([]);
    expect(counts).toEqual({ blocks: 1, addresses: 1, handles: 1, claims: 1, endpoints: 1, pools: 1, nodes: 2 });
  });

  test('with tunnels, virtual machines, load balancers, Windows nodes, cooling and reserved addresses', async () => {
    expect(violations(UNUSUAL)).toEqual([]);
    expect(told((await inspectModel(openModel(UNUSUAL), NOW)).findings)).toEqual([]);
  });
});

describe('a check finds, and a repair mends,', () => {
  test.each(MENDABLE)('$name', async (damage) => {
    const model = openModel(damaged(damage));
    const { findings } = await inspectModel(model, NOW);
    expect(told(findings)).toEqual([...damage.says].sort());
    const { means, options } = menderOf(model, NOW);
    const verdicts = await repair(means, findings.filter(isFault), options);
    expect(verdicts.filter(({ end }) => end === 'left')).toEqual([]);
    expect(violations(model.dump())).toEqual([]);
    expect((await inspectModel(model, NOW)).findings.filter(isFault)).toEqual([]);
  });

  test.each(MENDABLE)('$name, which a dry run only tells', async (damage) => {
    const model = openModel(damaged(damage));
    const before = model.dump();
    const faults = (await inspectModel(model, NOW)).findings.filter(isFault);
    const { means, options } = menderOf(model, NOW);
    const verdicts = await repair(means, faults, { ...options, dryRun: true });
    expect(verdicts.map(({ end }) => end)).toEqual(faults.map(() => 'mended'));
    expect(model.dump()).toEqual(before);
  });

  test('all of it at once, in a store of many blocks', async () => {
    // Damage of the same key excludes each other: the later one stands.
    const model = openModel(Object.assign({}, HEALTHY, ...MENDABLE.map(({ put }) => definedOf(put))));
    const { findings } = await inspectModel(model, NOW);
    const { means, options } = menderOf(model, NOW);
    await repair(means, findings.filter(isFault), options);
    expect(violations(model.dump())).toEqual([]);
    expect((await inspectModel(model, NOW)).findings.filter(isFault)).toEqual([]);
  });
});

const definedOf = (put: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(put).filter((entry): entry is [string, string] => entry[1] !== undefined));
