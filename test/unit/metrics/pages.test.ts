import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openCollector } from '../../../ctl/metrics/collector.ts';
import { countFindings } from '../../../ctl/metrics/finding-families.ts';
import { nodeFamilies } from '../../../ctl/metrics/node-families.ts';
import { withLines } from '../../../shared/call-counts/totals.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';
import { CLUSTER } from './sample.ts';

const text = (name: string) => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8');
const PAGE = text('metrics.md');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook_url: string };
}
const { groups } = parse(text('metrics/calico.rules.yml')) as {
  groups: readonly { readonly rules: readonly Rule[] }[];
};
const RULES = groups.flatMap(({ rules }) => rules);

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}
const { panels } = JSON.parse(text('metrics/dashboard.json')) as { panels: readonly Panel[] };

/** The names of all figures. */
const names = new Set<string>();
beforeAll(async () => {
  const clock = { ms: 0 };
  const world = { ...fakeWorld({}), elapsed: () => clock.ms };
  const checked = { ...countFindings([], CLUSTER), at: 1, seconds: 2 };
  const reader = { cluster: async () => CLUSTER, check: async () => checked };
  const collector = openCollector(reader, world, { every: 300, grace: 300 });
  await collector.collect(1000, true);
  clock.ms = 200_000;
  const totals = withLines({ calls: new Map(), reclaimed: {} }, 'calico ADD 0 1000\nreclaimed pool 1\n');
  const families = [
    ...(await collector.collect(1000, true)),
    ...nodeFamilies({ node: 'n', totals, waiting: 1, oldest: 2 }),
  ];
  for (const { name } of families) names.add(name);
});

/** What an expression asks for. */
const figuresIn = (expression: string): readonly string[] =>
  [...expression.matchAll(/\b(?:ipam|calico_cni)_\w+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''));

test('the page describes each figure, and no other', () => {
  const described = new Set([...PAGE.matchAll(/`((?:ipam|calico_cni)_\w+)`/g)].map(([, name = '']) => name));
  expect([...described].sort()).toEqual([...names].sort());
});

describe('each alert', () => {
  test.each(RULES)(
    '$alert asks for figures that exist, and the page says what to do',
    ({ alert, expr, annotations }) => {
      for (const name of figuresIn(expr)) expect([...names]).toContain(name);
      expect(annotations.runbook_url).toBe(`docs/metrics.md#${alert.toLowerCase()}`);
      expect(PAGE).toContain(`### ${alert}\n`);
    },
  );

  test('is one that exists', () => {
    const titles = [...PAGE.matchAll(/^### (Calico\w+)$/gm)].map(([, title]) => title);
    expect(titles).toEqual(RULES.map(({ alert }) => alert));
  });
});

describe('the dashboard', () => {
  test.each(panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr }))))(
    '$title asks for figures that exist: $expr',
    ({ expr }) => {
      expect(figuresIn(expr).length).toBeGreaterThan(0);
      for (const name of figuresIn(expr)) expect([...names]).toContain(name);
    },
  );

  test('shows every figure that an alert depends on', () => {
    const shown = new Set(panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => figuresIn(expr))));
    const needed = RULES.flatMap(({ expr }) => figuresIn(expr)).filter(
      (name) => !/_(?:enabled|affinity|oldest_seconds)$/.test(name),
    );
    for (const name of needed) expect([...shown]).toContain(name);
  });

  test('has panels of its width, of which none covers another', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});
