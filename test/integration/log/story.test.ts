import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { conf } from '../../support/stored/cluster.ts';

const FILE = '/var/log/calico/cni.log';
const SECRETS = { token: 'token-nobody-may-see', key: 'PRIVATE-nobody-may-see', password: 'word-nobody-may-see' };

describe('the log of one ADD', () => {
  test('at level debug has every step with its milliseconds and addresses, and no secret', async ({ bed }) => {
    const container = await bed.container();
    const log = { log_level: 'debug', log_file_path: FILE };
    const secrets = { policy: { k8s_auth_token: SECRETS.token, k8s_client_key: SECRETS.key } };
    const ran = await bed.call('ADD', container, {
      conf: conf({ ...log, ...secrets }),
      env: { ETCD_PASSWORD: SECRETS.password },
    });
    expect(ran.exit, ran.stdout).toBe(0);
    const text = readFileSync(bed.host.file(FILE), 'utf8');
    const lines = text.trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('[DEBUG]')).length).toBeGreaterThan(2);
    expect(lines.filter((line) => /\bms="?[\d.]+/i.test(line)).length).toBeGreaterThan(2);
    expect(text).toContain(addressesOf(JSON.parse(ran.stdout))[0]);
    for (const secret of Object.values(SECRETS)) expect(`${text}${ran.stderr}${ran.stdout}`).not.toContain(secret);
  });

  test('at level info has each change once', async ({ bed }) => {
    const container = await bed.container();
    const ran = await bed.call('ADD', container, { conf: conf({ log_level: 'info' }) });
    const lines = ran.stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(new Set(lines.map((line) => line.replace(/^\S+ \S+/, ''))).size);
    expect(lines.filter((line) => line.includes('Networked the container'))).toHaveLength(1);
    expect(ran.stderr).not.toContain('[DEBUG]');
  });
});
