import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseCommandLine } from '../../../ctl/command-line/command-line.ts';
import { DEFAULT_CONFIG, readConfig } from '../../../ctl/command-line/config.ts';
import { ipamMetrics } from '../../../ctl/metrics/command.ts';
import { printManifest } from '../../../ctl/metrics/manifest/print.ts';

/** What `ipam metrics --kubernetes` prints with these options. */
function printed(...options: readonly string[]): string {
  const parsed = parseCommandLine(['ipam', 'metrics', '--kubernetes', ...options], [ipamMetrics]);
  if (!('command' in parsed)) throw new Error(parsed.err);
  const target = readConfig(DEFAULT_CONFIG, { DATASTORE_TYPE: 'kubernetes' });
  let text = '';
  const out = (more: string) => {
    text += more;
  };
  printManifest({ target, out }, parsed.args);
  return text;
}

/** The command of the pods of an object of this kind. */
const commandOf = (text: string, kind: 'Deployment' | 'DaemonSet'): readonly string[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS())
    .find((object) => object.kind === kind)?.spec.template.spec.containers[0].command;

test('the pod that reads the datastore checks as the options say', () => {
  const command = commandOf(printed('--check-every=1h', '--grace=90s'), 'Deployment');
  expect(command).toContain('--check-every=1h');
  expect(command).toContain('--grace=90s');
  const usual = commandOf(printed(), 'Deployment');
  expect(usual).toContain('--check-every=5m');
  expect(usual).toContain('--grace=5m');
});

test('the pods of the nodes check nothing', () => {
  const command = commandOf(printed('--grace=90s'), 'DaemonSet');
  expect(command).toContain('--only=node');
  expect(command.join(' ')).not.toMatch(/--grace|--check-every/);
});

test.each(['check-every', 'grace'])('--%s must be a duration', (option) => {
  expect(() => printed(`--${option}=soon`)).toThrow(`--${option} must be a duration, e.g. 30s, 5m, 1h30m or 0: soon`);
});

test.each(['listen=:9094', 'textfile=/x', 'web-config-file=/x', 'only=node', 'node=n1'])(
  '--%s is refused',
  (option) => {
    const [name] = option.split('=');
    expect(() => printed(`--${option}`)).toThrow(`--${name} cannot be used with --kubernetes`);
  },
);
