import { describe, expect, test } from 'vitest';
import { conclude } from '../../../shared/cni/skel.ts';
import { Failure, failure } from '../../../shared/error/failure.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';
import { call, conf, ENV, refusal } from './served.ts';

describe('answers', () => {
  test('ADD prints its result in the version of the configuration', async () => {
    const { status, out } = await call({ ...ENV, CNI_COMMAND: 'ADD' }, conf('1.0.0'));
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({ cniVersion: '1.0.0', ips: [{ address: '10.0.0.1/32' }] });
  });

  test.each(['0.1.0', '0.2.0'] as const)(
    "ADD without a version prints the plugin's default: %s",
    async (unversioned) => {
      const { out } = await call({ ...ENV, CNI_COMMAND: 'ADD' }, conf(), { unversioned });
      expect(JSON.parse(out)).toMatchObject({ cniVersion: unversioned, ip4: { ip: '10.0.0.1/32' } });
    },
  );

  test('a verb gets the environment and the configuration', async () => {
    let seen: unknown;
    await call({ ...ENV, CNI_COMMAND: 'DEL', CNI_NETNS_OVERRIDE: 'TRUE', CNI_ARGS: 'A=b' }, conf('1.0.0'), {
      del: async ({ cmd, conf }) => {
        seen = { ...cmd, name: conf.name, text: conf.text };
      },
    });
    expect(seen).toEqual({
      containerID: 'c1',
      netns: '/var/run/netns/pod1',
      ifName: 'eth0',
      args: 'A=b',
      path: ['/opt/cni/bin', '/usr/lib/cni'],
      netnsOverride: true,
      name: 'net1',
      text: '{"name":"net1","cniVersion":"1.0.0"}',
    });
  });

  test('VERSION lists the supported versions without any input', async () => {
    const { status, out, world } = await call({ CNI_COMMAND: 'VERSION' }, '{');
    expect(out).toBe(
      '{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}\n',
    );
    expect(status).toBe(0);
    expect(world.stdinReads()).toBe(0);
  });

  test('without a command, the plugin introduces itself on stderr', async () => {
    const { status, out, err } = await call({}, '');
    expect({ status, out }).toEqual({ status: 0, out: '' });
    expect(err).toBe(
      'Calico CNI plugin v0\nCNI protocol versions supported: 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0\n',
    );
  });
});

describe('a failing verb is reported', () => {
  async function failing(thrown: unknown) {
    const add = async () => {
      throw thrown;
    };
    return call({ ...ENV, CNI_COMMAND: 'ADD' }, conf('1.0.0'), { add });
  }

  test('with its code, message and details', async () => {
    const { status, out } = await failing(new Failure('try again later', 'try again', { where: 'etcd is away' }));
    expect({ status, out }).toEqual({ status: 1, out: refusal(11, 'try again', 'etcd is away') });
  });

  test('without details if there are none', async () => {
    expect((await failing(failure('no', ''))).out).toBe(refusal(999, 'no'));
  });

  test('as code 999 if it is not a Failure', async () => {
    expect((await failing(new Error('the kernel has refused'))).out).toBe(refusal(999, 'the kernel has refused'));
  });

  test('as code 999 if something other than an error is thrown', async () => {
    expect((await failing('just text')).out).toBe(refusal(999, 'just text'));
  });

  test("escaped like Go's encoder does", async () => {
    const { out } = await failing(failure('a <b> & c\u2028'));
    expect(out).toBe('{\n    "code": 999,\n    "msg": "a \\u003cb\\u003e \\u0026 c\\u2028"\n}');
  });

  test('as an internal error, with the step and the functions, but without engine messages', async () => {
    const slip = async () => void (JSON.parse('null') as unknown[]).length;
    for (const verb of ['ADD', 'DEL', 'CHECK', 'STATUS', 'GC']) {
      const conf = { name: 'net1', cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
      const { status, out, err } = await call({ ...ENV, CNI_COMMAND: verb }, conf, { [verb.toLowerCase()]: slip });
      expect(status).toBe(1);
      const { code, msg, details } = JSON.parse(out);
      expect({ code, msg }).toEqual({ code: 999, msg: `internal error while serving ${verb}` });
      expect(details).toMatch(/^in (?:Object\.)?slip.*; this is a fault of this program, please report it/);
      expect(out + err).not.toMatch(/TypeError|Cannot read|is not an object/);
    }
  });

  test('as an internal error whose engine message is in the log at level debug', async () => {
    const slip = async () => void (JSON.parse('null') as unknown[]).length;
    const { out, err } = await call(
      { ...ENV, CNI_COMMAND: 'DEL' },
      { name: 'net1', log_level: 'debug' },
      { del: slip },
    );
    expect(out).not.toContain('TypeError');
    expect(err).toMatch(/\[DEBUG\].*: Unexpected .*stack="TypeError: /);
  });

  test('even if the result cannot be printed in the requested version', async () => {
    const { status, out } = await call({ ...ENV, CNI_COMMAND: 'ADD' }, conf('0.2.0'), {
      add: async (_call, answer) => answer({ interfaces: [], ips: [], routes: [] }),
    });
    expect({ status, out }).toEqual({ status: 1, out: refusal(999, 'cannot convert: no valid IP addresses') });
  });
});

test('conclude prints nothing for an empty answer', async () => {
  const world = fakeWorld({});
  expect(await conclude(world, async () => '')).toBe(0);
  expect(world.out()).toBe('');
});

test('an unwritable standard output is reported on stderr, with exit status 1', async () => {
  const world = {
    ...fakeWorld({}),
    stdout: () => {
      throw new Error('EPIPE');
    },
  };
  expect(await conclude(world, async () => 'x')).toBe(1);
  expect(world.err()).toBe('Error writing error JSON to stdout: EPIPE\n');
});
