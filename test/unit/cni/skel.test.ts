import { describe, expect, test } from 'vitest';
import { CniError, failure } from '../../../shared/cni/error.ts';
import type { Result } from '../../../shared/cni/result.ts';
import { conclude, serve, type Verbs } from '../../../shared/cni/skel.ts';
import { ALL_VERSIONS } from '../../../shared/cni/version.ts';
import { fakeWorld } from '../fake-world.ts';

const RESULT: Result = { interfaces: [], ips: [{ address: '10.0.0.1/32' }], routes: [] };
const ENV = {
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/var/run/netns/pod1',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin:/usr/lib/cni',
};

function verbs(called: string[], changes: Partial<Verbs> = {}): Verbs {
  const note = (verb: string) => async () => void called.push(verb);
  return {
    about: 'Calico CNI plugin v0',
    component: 'cni-plugin',
    supported: ALL_VERSIONS,
    unversioned: '0.2.0',
    add: async () => {
      called.push('ADD');
      return RESULT;
    },
    del: note('DEL'),
    check: note('CHECK'),
    status: note('STATUS'),
    gc: note('GC'),
    ...changes,
  };
}

async function call(env: Record<string, string>, stdin: string | object, changes: Partial<Verbs> = {}) {
  const called: string[] = [];
  const world = fakeWorld(env, typeof stdin === 'string' ? stdin : JSON.stringify(stdin));
  const status = await serve(world, verbs(called, changes));
  return { status, out: world.out(), err: world.err(), called, world };
}

const conf = (cniVersion?: string) => ({ name: 'net1', ...(cniVersion && { cniVersion }) });

function refusal(code: number, msg: string, details?: string): string {
  return JSON.stringify({ code, msg, ...(details && { details }) }, null, 4);
}

describe('what is refused before any work', () => {
  const add = { ...ENV, CNI_COMMAND: 'ADD' };
  const cases: [string, Record<string, string>, string | object, string][] = [
    [
      'a missing container ID',
      { ...add, CNI_CONTAINERID: '' },
      conf(),
      refusal(4, 'required env variables [CNI_CONTAINERID] missing'),
    ],
    [
      'everything missing, in this order',
      { CNI_COMMAND: 'ADD' },
      conf(),
      refusal(4, 'required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH] missing'),
    ],
    [
      'a bad container ID',
      { ...add, CNI_CONTAINERID: 'bad/id' },
      conf(),
      refusal(4, 'invalid characters in containerID', 'bad/id'),
    ],
    [
      'a long interface name',
      { ...add, CNI_IFNAME: 'toolonginterfacename0' },
      conf(),
      refusal(4, 'interface name is too long', 'interface name should be less than 16 characters'),
    ],
    ['the interface name .', { ...add, CNI_IFNAME: '.' }, conf(), refusal(4, 'interface name is . or ..')],
    ['the interface name ..', { ...add, CNI_IFNAME: '..' }, conf(), refusal(4, 'interface name is . or ..')],
    ...['a/b', 'a:b', 'a b'].map((name): [string, Record<string, string>, object, string] => [
      `the interface name ${name}`,
      { ...add, CNI_IFNAME: name },
      conf(),
      refusal(4, 'interface name contains / or : or whitespace characters'),
    ]),
    ['an unknown verb', { ...add, CNI_COMMAND: 'FROB' }, conf('9.9.9'), refusal(4, 'unknown CNI_COMMAND: FROB')],
    ['no standard input', add, '', refusal(6, 'error unmarshall network config: unexpected end of JSON input')],
    [
      'a name that is no string',
      add,
      '{"name":5}',
      refusal(
        6,
        'error unmarshall network config: json: cannot unmarshal number into Go struct field .name of type string',
      ),
    ],
    [
      'a configuration that is a list',
      add,
      '[]',
      refusal(6, 'error unmarshall network config: json: cannot unmarshal array into Go value of type object'),
    ],
    [
      'a cniVersion that is no string',
      add,
      '{"name":"n","cniVersion":1}',
      refusal(
        6,
        'decoding version from network config: json: cannot unmarshal number into Go struct field .cniVersion of type string',
      ),
    ],
    ['no name', add, '{}', refusal(7, 'missing network name')],
    ['the configuration null', add, 'null', refusal(7, 'missing network name')],
    ['an illegal name', add, { name: 'a/b' }, refusal(7, 'invalid characters found in network name', 'a/b')],
    [
      'an unknown version',
      add,
      conf('9.9.9'),
      refusal(
        1,
        'incompatible CNI versions',
        'config is "9.9.9", plugin supports ["0.1.0" "0.2.0" "0.3.0" "0.3.1" "0.4.0" "1.0.0" "1.1.0"]',
      ),
    ],
    [
      'a value of the wrong type',
      add,
      { ...conf(), mtu: 'abc' },
      refusal(
        999,
        'failed to load netconf: json: cannot unmarshal string into Go struct field NetConf.mtu of type int',
      ),
    ],
  ];

  test.each(cases)('%s', async (_what, env, stdin, expected) => {
    const { status, out, called } = await call(env, stdin);
    expect(out).toBe(expected);
    expect(status).toBe(1);
    expect(called).toEqual([]);
  });

  test('text that is not JSON, with the reason', async () => {
    const { status, out } = await call(add, '{not json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual({ code: 6, msg: expect.stringMatching(/^error unmarshall network config: ./) });
  });

  test('a missing variable before a bad configuration', async () => {
    const { out, world } = await call({ ...add, CNI_PATH: '' }, '{');
    expect(out).toBe(refusal(4, 'required env variables [CNI_PATH] missing'));
    expect(world.stdinReads()).toBe(0);
  });

  test('each refusal is logged once, on stderr', async () => {
    const { err } = await call(add, '{}');
    expect(err).toMatch(/^\S+ \S+ \[ERROR\]\[\d+\] cni-plugin\/add\.ts: missing network name code=7 command="ADD"\n$/);
  });
});

describe('which variables a verb needs', () => {
  const needs: Record<string, string[]> = {
    ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
    CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
    DEL: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_PATH'],
    STATUS: ['CNI_PATH'],
    GC: ['CNI_PATH'],
  };
  for (const [verb, names] of Object.entries(needs)) {
    test(`${verb} names all of ${names} when nothing is given`, async () => {
      const { out } = await call({ CNI_COMMAND: verb }, conf('1.1.0'));
      expect(out).toBe(refusal(4, `required env variables [${names}] missing`));
    });
    test(`${verb} asks for no more than ${names}`, async () => {
      const env = Object.fromEntries(Object.entries(ENV).filter(([name]) => names.includes(name)));
      expect(await call({ ...env, CNI_COMMAND: verb }, conf('1.1.0'))).toMatchObject({ status: 0, called: [verb] });
    });
  }

  test('STATUS does not judge a container ID it does not need', async () => {
    expect(await call({ CNI_COMMAND: 'STATUS', CNI_PATH: '/x', CNI_CONTAINERID: '?' }, conf('1.1.0'))).toMatchObject({
      status: 0,
    });
  });
});

describe('which verbs a version allows', () => {
  const since: Record<string, string> = { ADD: '', DEL: '', CHECK: '0.4.0', STATUS: '1.1.0', GC: '1.1.0' };
  for (const [verb, first] of Object.entries(since)) {
    for (const version of ['', ...ALL_VERSIONS]) {
      const allowed = version >= first;
      test(`${verb} with ${version || 'no version'} is ${allowed ? 'done' : 'refused'}`, async () => {
        const { status, out, called } = await call({ ...ENV, CNI_COMMAND: verb }, conf(version));
        expect({ status, called }).toEqual(allowed ? { status: 0, called: [verb] } : { status: 1, called: [] });
        if (!allowed) expect(out).toBe(refusal(1, `config version does not allow ${verb}`));
        else if (verb !== 'ADD') expect(out).toBe('');
      });
    }
    if (first !== '') {
      test(`${verb} with a version newer than ours is refused as the plugin's lack`, async () => {
        const { out } = await call({ ...ENV, CNI_COMMAND: verb }, conf('1.2.0'));
        expect(out).toBe(refusal(1, `plugin version does not allow ${verb}`));
      });
      test(`${verb} with a version that is none is refused as undecodable`, async () => {
        const { out } = await call({ ...ENV, CNI_COMMAND: verb }, conf('one'));
        const why = 'strconv.Atoi: parsing "one": invalid syntax';
        expect(out).toBe(refusal(6, `failed to convert major version part "one": ${why}`));
      });
      test(`${verb} with a version between ours is refused as incompatible`, async () => {
        const { out } = await call({ ...ENV, CNI_COMMAND: verb }, conf(verb === 'CHECK' ? '0.5.0' : '1.1'));
        expect(JSON.parse(out)).toMatchObject(
          verb === 'CHECK' ? { code: 1, msg: 'incompatible CNI versions' } : { code: 1 },
        );
      });
    }
  }
});

describe('what is answered', () => {
  test('ADD prints its result in the version of the configuration', async () => {
    const { status, out } = await call({ ...ENV, CNI_COMMAND: 'ADD' }, conf('1.0.0'));
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({ cniVersion: '1.0.0', ips: [{ address: '10.0.0.1/32' }] });
  });

  test.each(['0.1.0', '0.2.0'] as const)(
    'ADD without a version prints as the plugin wants it: %s',
    async (unversioned) => {
      const { out } = await call({ ...ENV, CNI_COMMAND: 'ADD' }, conf(), { unversioned });
      expect(JSON.parse(out)).toMatchObject({ cniVersion: unversioned, ip4: { ip: '10.0.0.1/32' } });
    },
  );

  test('a verb sees the environment and the configuration', async () => {
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

  test('VERSION lists what is supported, needs nothing and reads nothing', async () => {
    const { status, out, world } = await call({ CNI_COMMAND: 'VERSION' }, '{');
    expect(out).toBe(
      '{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}\n',
    );
    expect(status).toBe(0);
    expect(world.stdinReads()).toBe(0);
  });

  test('no command: the plugin introduces itself on stderr', async () => {
    const { status, out, err } = await call({}, '');
    expect({ status, out }).toEqual({ status: 0, out: '' });
    expect(err).toBe(
      'Calico CNI plugin v0\nCNI protocol versions supported: 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0\n',
    );
  });
});

describe('how a failing verb is told', () => {
  async function failing(thrown: unknown) {
    const add = async () => {
      throw thrown;
    };
    return call({ ...ENV, CNI_COMMAND: 'ADD' }, conf('1.0.0'), { add });
  }

  test('with its code, message and details', async () => {
    const { status, out } = await failing(new CniError(11, 'try again', 'etcd is away'));
    expect({ status, out }).toEqual({ status: 1, out: refusal(11, 'try again', 'etcd is away') });
  });

  test('without details when there are none', async () => {
    expect((await failing(failure('no', ''))).out).toBe(refusal(999, 'no'));
  });

  test('as code 999 when it is no CNI error, with its stack in the log', async () => {
    const { out, err } = await failing(new TypeError('x is not a function'));
    expect(out).toBe(refusal(999, 'x is not a function'));
    expect(err).toContain('skel.test.ts');
  });

  test('as code 999 when something else than an error is thrown', async () => {
    expect((await failing('just text')).out).toBe(refusal(999, 'just text'));
  });

  test("escaped as Go's encoder does", async () => {
    const { out } = await failing(failure('a <b> & c\u2028'));
    expect(out).toBe('{\n    "code": 999,\n    "msg": "a \\u003cb\\u003e \\u0026 c\\u2028"\n}');
  });

  test('also when the result cannot be printed in the version asked for', async () => {
    const { status, out } = await call({ ...ENV, CNI_COMMAND: 'ADD' }, conf('0.2.0'), {
      add: async () => ({ interfaces: [], ips: [], routes: [] }),
    });
    expect({ status, out }).toEqual({ status: 1, out: refusal(999, 'cannot convert: no valid IP addresses') });
  });
});

test('conclude prints nothing for an empty answer', async () => {
  const world = fakeWorld({});
  expect(await conclude(world, async () => '')).toBe(0);
  expect(world.out()).toBe('');
});

test('a standard output that cannot be written is told on stderr, with exit status 1', async () => {
  const world = {
    ...fakeWorld({}),
    stdout: () => {
      throw new Error('EPIPE');
    },
  };
  expect(await conclude(world, async () => 'x')).toBe(1);
  expect(world.err()).toBe('Error writing error JSON to stdout: EPIPE\n');
});
