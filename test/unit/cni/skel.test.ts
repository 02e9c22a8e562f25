import { describe, expect, test } from 'vitest';
import { ALL_VERSIONS } from '../../../shared/cni/version.ts';
import { call, conf, ENV, refusal } from './served.ts';

describe('invalid calls are rejected before any work', () => {
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
      'a name that is not a string',
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
      'a cniVersion that is not a string',
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

  test('a missing variable before an invalid configuration', async () => {
    const { out, world } = await call({ ...add, CNI_PATH: '' }, '{');
    expect(out).toBe(refusal(4, 'required env variables [CNI_PATH] missing'));
    expect(world.stdinReads()).toBe(0);
  });

  test('each rejection is logged once, on stderr', async () => {
    const { err } = await call(add, '{}');
    expect(err).toMatch(/^\S+ \S+ \[ERROR\]\[\d+\] cni-plugin\/add\.ts: missing network name code=7 command="ADD"\n$/);
  });
});

describe('required variables by verb', () => {
  const needs: Record<string, string[]> = {
    ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
    CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
    DEL: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_PATH'],
    STATUS: ['CNI_PATH'],
    GC: ['CNI_PATH'],
  };
  for (const [verb, names] of Object.entries(needs)) {
    test(`${verb} without variables names ${names}`, async () => {
      const { out } = await call({ CNI_COMMAND: verb }, conf('1.1.0'));
      expect(out).toBe(refusal(4, `required env variables [${names}] missing`));
    });
    test(`${verb} requires only ${names}`, async () => {
      const env = Object.fromEntries(Object.entries(ENV).filter(([name]) => names.includes(name)));
      expect(await call({ ...env, CNI_COMMAND: verb }, conf('1.1.0'))).toMatchObject({ status: 0, called: [verb] });
    });
  }

  test('STATUS does not check a container ID, which it does not need', async () => {
    expect(await call({ CNI_COMMAND: 'STATUS', CNI_PATH: '/x', CNI_CONTAINERID: '?' }, conf('1.1.0'))).toMatchObject({
      status: 0,
    });
  });
});

describe('verbs by version', () => {
  const since: Record<string, string> = { ADD: '', DEL: '', CHECK: '0.4.0', STATUS: '1.1.0', GC: '1.1.0' };
  for (const [verb, first] of Object.entries(since)) {
    for (const version of ['', ...ALL_VERSIONS]) {
      const allowed = version >= first;
      test(`${verb} with ${version || 'no version'} is ${allowed ? 'served' : 'rejected'}`, async () => {
        const { status, out, called } = await call({ ...ENV, CNI_COMMAND: verb }, conf(version));
        expect({ status, called }).toEqual(allowed ? { status: 0, called: [verb] } : { status: 1, called: [] });
        if (!allowed) expect(out).toBe(refusal(1, `config version does not allow ${verb}`));
        else if (verb !== 'ADD') expect(out).toBe('');
      });
    }
    if (first !== '') {
      test(`${verb} with a version newer than ours is rejected as not supported by the plugin`, async () => {
        const { out } = await call({ ...ENV, CNI_COMMAND: verb }, conf('1.2.0'));
        expect(out).toBe(refusal(1, `plugin version does not allow ${verb}`));
      });
      test(`${verb} with an invalid version is rejected as undecodable`, async () => {
        const { out } = await call({ ...ENV, CNI_COMMAND: verb }, conf('one'));
        const why = 'strconv.Atoi: parsing "one": invalid syntax';
        expect(out).toBe(refusal(6, `failed to convert major version part "one": ${why}`));
      });
      test(`${verb} with an unknown version below ours is rejected as incompatible`, async () => {
        const { out } = await call({ ...ENV, CNI_COMMAND: verb }, conf(verb === 'CHECK' ? '0.5.0' : '1.1'));
        expect(JSON.parse(out)).toMatchObject(
          verb === 'CHECK' ? { code: 1, msg: 'incompatible CNI versions' } : { code: 1 },
        );
      });
    }
  }
});
