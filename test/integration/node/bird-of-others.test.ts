import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { openRouters, type RouterMachine, type Routers } from '../../support/routing/routers.ts';

const BLOCKS = { '10.65.0.0/26': 'one', '10.65.0.64/26': 'two' };
const SOCKET = '/run/bird/bird.ctl';
const FILE = '/run/bird-etc/bird.conf';

const MINIMAL = (name: string) => `mkdir -p /run/bird /run/bird-etc && chown nobody:nogroup /run/bird
printf 'router id 1.1.1.1;\\nprotocol device { }\\n' > /run/bird-etc/${name}.conf
chown root:nogroup /run/bird-etc/${name}.conf
chmod 640 /run/bird-etc/${name}.conf`;

describe.each([
  ['BIRD 1.6', 1, ['bird', 'bird6']],
  ['BIRD 2', 2, ['bird']],
] as const)('%s that somebody else runs as another user', (_, release, programs) => {
  let routers: Routers;
  let one: RouterMachine;

  beforeAll(async () => {
    routers = await openRouters({
      one: { release, start: { socket: SOCKET, configuration: FILE } },
      two: { release },
    });
    one = routers.machine('one');
    for (const name of programs) await one.host.must('sh', ['-ec', MINIMAL(name)]);
  });
  afterAll(() => routers.stop());

  test('it is not started: that it is away is a failure', async () => {
    await expect(one.apply(BLOCKS)).rejects.toThrow(
      `no BIRD answers at ${SOCKET}: start it, or leave out --bird-socket`,
    );
    expect(await one.birdPid()).toBe('');
  });

  test('it gets the configuration, which it can still read', async () => {
    for (const name of programs) {
      // In the foreground: as another user it cannot open this machine's /dev/null.
      const words = `-d -u nobody -g nogroup -c /run/bird-etc/${name}.conf -s /run/bird/${name}.ctl`;
      const line = `setsid ${tools().birds?.[release]}/${name} ${words} > /run/${name}.log 2>&1 < /dev/null &`;
      await one.host.must('sh', ['-c', line]);
    }
    for (const name of programs) {
      await expect.poll(() => one.host.run('ls', [`/run/bird/${name}.ctl`])).toMatchObject({ exit: 0 });
    }
    const { lines } = await one.apply(BLOCKS);
    expect(lines[0]).toContain('bird has a new configuration');
    await routers.machine('two').apply(BLOCKS);
    await expect.poll(() => one.route('10.65.0.64/26'), { timeout: 30_000 }).toContain('via 172.16.1.2');
    for (const name of programs) {
      expect(await one.host.must('stat', ['-c', '%U:%G %a', `/run/bird-etc/${name}.conf`])).toBe('root:nogroup 640\n');
    }
    expect(await one.apply(BLOCKS)).toMatchObject({ lines: [] });
  });

  test('a clean end leaves it alone', async () => {
    await one.part.does({ stop: 'clean' });
    expect(await one.route('10.65.0.64/26')).toContain('via 172.16.1.2');
  });
});

test('a machine without BIRD is told what to install', async () => {
  const routers = await openRouters({ one: { release: 2, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } } });
  try {
    await expect(routers.machine('one').apply(BLOCKS)).rejects.toThrow(
      /^program bird not found: looked in .*; it comes with the package bird2$/,
    );
  } finally {
    await routers.stop();
  }
});
