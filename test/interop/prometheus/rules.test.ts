import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { tools } from '../../../build/tools.ts';

const RULES = join(import.meta.dirname, '../../../docs/metrics/calico.rules.yml');
const CASES = join(import.meta.dirname, 'rules.test.yml');

interface Groups {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
}
interface Cases {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
}

const promtool = (...words: readonly string[]) =>
  execa(join(tools().prometheus ?? '', 'promtool'), words, { reject: false, all: true });

test('promtool accepts the rules', async () => {
  expect(existsSync(RULES)).toBe(true);
  expect(await promtool('check', 'rules', RULES)).toMatchObject({
    exitCode: 0,
    all: expect.stringContaining('SUCCESS'),
  });
});

test('each alert fires, and does not fire, as the cases say', async () => {
  const ran = await promtool('test', 'rules', CASES);
  expect(ran.exitCode, ran.all).toBe(0);
});

test('there are cases of both for each alert', () => {
  const { groups } = parse(readFileSync(RULES, 'utf8')) as Groups;
  const cases = (parse(readFileSync(CASES, 'utf8')) as Cases).tests.flatMap((each) => each.alert_rule_test);
  for (const { alert } of groups.flatMap(({ rules }) => rules)) {
    const mine = cases.filter(({ alertname }) => alertname === alert).map(({ exp_alerts: fires }) => fires.length > 0);
    expect([alert, mine.includes(true), mine.includes(false)]).toEqual([alert, true, true]);
  }
});
