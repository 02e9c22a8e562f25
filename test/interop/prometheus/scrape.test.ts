import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import type { Bed } from '../../support/bed/bed.ts';
import { openBed } from '../../support/bed/open-bed.ts';
import { said } from '../../support/calicoctl/calicoctl.ts';
import { readFigures } from '../../support/calicoctl/exposition.ts';
import { ask, HASH, serveMetrics } from '../../support/calicoctl/serving.ts';
import { makeKeys } from '../../support/network/tls-keys.ts';
import { conf } from '../../support/stored/cluster.ts';

const KEYS = makeKeys();
const FOLDER = '/run/calico-test/prometheus';
const WEB = `tls_server_config: { cert_file: tls.crt, key_file: tls.key }\nbasic_auth_users: { prometheus: "${HASH}" }\n`;

const config = (port: number, password: string) => `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [${join(import.meta.dirname, '../../../docs/metrics/calico.rules.yml')}]
scrape_configs:
  - job_name: calico
    scheme: https
    tls_config: { ca_file: ${KEYS.ca} }
    basic_auth: { username: prometheus, password: ${password} }
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]
`;

/** Starts a Prometheus on the machine, and returns how to ask it. */
async function startPrometheus(bed: Bed, port: number, password: string) {
  const file = `${FOLDER}/prometheus-${password}.yml`;
  writeFileSync(bed.host.file(file), config(port, password));
  const [program = '', ...enter] = bed.host.enter();
  const at = password === 'secret' ? 9090 : 9091;
  const words = [
    join(tools().prometheus ?? '', 'prometheus'),
    `--config.file=${file}`,
    `--storage.tsdb.path=${FOLDER}/data-${password}`,
    `--web.listen-address=127.0.0.1:${at}`,
  ];
  const child = spawn(program, [...enter, 'setpriv', '--pdeathsig', 'KILL', ...words], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const query = async (path: string) => {
    const { status, body } = await ask(bed, { url: `http://127.0.0.1:${at}/api/v1/${path}` });
    return status === 200 ? JSON.parse(body).data : undefined;
  };
  return {
    health: async () =>
      (await query('targets'))?.activeTargets?.map((target: Target) => [target.health, target.lastError]),
    value: async (expression: string) => {
      const found = await query(`query?query=${encodeURIComponent(expression)}`);
      return found?.result?.[0]?.value?.[1];
    },
    rules: async () => {
      const { groups } = (await query('rules')) as { groups: { rules: { health: string }[] }[] };
      return groups.flatMap(({ rules }) => rules.map(({ health }) => health));
    },
  };
}

interface Target {
  readonly health: string;
  readonly lastError: string;
}

const IN_TIME = { timeout: 60_000, interval: 500 };

test('a real Prometheus scrapes over TLS with a password, follows pods, and evaluates all rules', async () => {
  const bed = await openBed();
  onTestFinished(() => bed.close());
  mkdirSync(bed.host.file(FOLDER));
  for (const [from, to] of [
    [KEYS.serverCert, 'tls.crt'],
    [KEYS.serverKey, 'tls.key'],
  ] as const)
    copyFileSync(from, bed.host.file(`${FOLDER}/${to}`));
  writeFileSync(bed.host.file(`${FOLDER}/web-config.yml`), WEB);
  const serving = await serveMetrics(bed, [`--web-config-file=${FOLDER}/web-config.yml`, '--check-every=1s']);
  onTestFinished(async () => void (await serving.end('SIGKILL')));
  const prometheus = await startPrometheus(bed, serving.port, 'secret');
  await expect.poll(prometheus.health, IN_TIME).toEqual([['up', '']]);

  const containers = [await bed.container(), await bed.container(), await bed.container()];
  for (const container of containers) await bed.add(container, { conf: conf() });
  const inUse = 'sum(ipam_allocations_in_use)';
  await expect.poll(() => prometheus.value(inUse), IN_TIME).toBe('3');
  await expect.poll(() => prometheus.value('sum(calico_cni_calls_total{verb="ADD",code="0"})'), IN_TIME).toBe('3');
  const printed = readFigures(await said(bed, 'ipam metrics --only=cluster'));
  for (const name of ['ipam_ippool_free_addresses', 'ipam_ippool_free_blocks', 'ipam_ippool_size', 'ipam_blocks'])
    expect(Number(await prometheus.value(`sum(${name})`)), name).toBe(printed.sum(name));
  for (const container of containers) await bed.del(container);
  await expect.poll(() => prometheus.value(inUse), IN_TIME).toBe('0');
  await expect.poll(() => prometheus.value('ipam_check_findings{kind="leaked"}'), IN_TIME).toBe('0');
  await expect.poll(prometheus.rules, IN_TIME).toEqual(Array(13).fill('ok'));

  const wrong = await startPrometheus(bed, serving.port, 'wrong');
  await expect.poll(wrong.health, IN_TIME).toEqual([['down', 'server returned HTTP status 401 Unauthorized']]);
  expect(await prometheus.health()).toEqual([['up', '']]);
});
