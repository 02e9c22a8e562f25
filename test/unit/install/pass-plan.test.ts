import { describe, expect, test } from 'vitest';
import { keptCertificates } from '../../../ctl/install/kept-certificates.ts';
import { passPlan, stepsAfterFailure } from '../../../ctl/install/pass-plan.ts';
import type { InstallStep } from '../../../ctl/install/steps.ts';
import { brief, NODE, textFile } from './here.ts';

const BIN = '/opt/cni/bin';
const CONF = '/etc/cni/net.d/10-calico.conflist';
const RECORD = '/etc/cni/net.d/calico-installed';
const copy: InstallStep = { do: 'copy', path: `${BIN}/calico`, from: '/calico-install', mode: 0o755 };
const link: InstallStep = { do: 'link', path: `${BIN}/calico-ipam`, from: `${BIN}/calico`, mode: 0o755 };
const write: InstallStep = { do: 'write', path: CONF, text: '{}', mode: 0o600 };
const record: InstallStep = { do: 'write', path: RECORD, text: '{}', mode: 0o600 };
const same: InstallStep = { do: 'leave', path: `${BIN}/portmap`, why: 'unchanged', same: true };
const STEPS = [record, copy, link, write, same, record];

const planned = (changes: Partial<Parameters<typeof passPlan>[2]>) =>
  passPlan(NODE, STEPS, { before: {}, now: {}, repairs: {}, uptime: 100, ...changes });

describe('a pass', () => {
  test('at first does everything, and blames nobody', () => {
    expect(planned({})).toEqual({ steps: STEPS, repairs: {}, notes: [], problems: [] });
  });

  test('puts back what another program has changed or removed, and notes it', () => {
    const before = { [copy.path]: 'a', [write.path]: 'b', [link.path]: 'c', [RECORD]: 'd', [same.path]: 'e' };
    const now = { [copy.path]: 'x', [write.path]: '', [link.path]: 'c', [RECORD]: 'x', [same.path]: 'x' };
    const plan = planned({ before, now });
    expect(plan).toMatchObject({ steps: STEPS, problems: [], repairs: { [copy.path]: [100], [write.path]: [100] } });
    expect(plan.notes).toEqual([
      `another program has changed ${copy.path}: put back`,
      `another program has removed ${write.path}: put back`,
    ]);
  });

  test('leaves what was put back too often, with what depends on it, whatever its file looks like now', () => {
    const repairs = { [copy.path]: [10, 20, 30] };
    const marks = { [copy.path]: 'theirs' };
    const plan = planned({ repairs, before: marks, now: marks });
    expect(brief(plan.steps)).toEqual([`write ${CONF}`, `leave ${same.path}`]);
    expect(plan.repairs).toBe(repairs);
    expect(plan.problems).toEqual([
      expect.stringMatching(/^another program changes \/opt\/cni\/bin\/calico again and again/),
    ]);
    expect(planned({ repairs, before: marks, now: marks, uptime: 4_000 })).toMatchObject({
      steps: STEPS,
      problems: [],
    });
  });

  test('after a failure does what does not depend on it, and does not record that all is done', () => {
    expect(stepsAfterFailure(NODE, [link, write, same, record], copy)).toEqual([write]);
  });
});

describe('certificates', () => {
  const secret = (name: string, text: string) => textFile(`/calico-secrets/${name}`, text);
  const [ca, cert] = [secret('etcd-ca', '-----BEGIN CA'), secret('etcd-cert', '-----BEGIN CERT')];

  test('that are new replace the last ones', () => {
    const now = [ca, secret('etcd-cert', '-----BEGIN NEW')];
    expect(keptCertificates([ca, cert], now)).toEqual({ certificates: now, problems: [] });
  });

  test('that are gone or damaged leave the last ones', () => {
    expect(keptCertificates([ca, cert], [secret('etcd-ca', 'x')])).toEqual({
      certificates: [ca, cert],
      problems: ['etcd-ca', 'etcd-cert'].map(
        (name) => `/calico-secrets/${name} is gone or holds no PEM data: the node keeps the last one`,
      ),
    });
  });

  test('are the plan’s to refuse at the start', () => {
    const now = [secret('etcd-ca', 'x')];
    expect(keptCertificates(undefined, now)).toEqual({ certificates: now, problems: [] });
  });
});
