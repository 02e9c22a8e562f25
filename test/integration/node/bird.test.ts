import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRouters, type RouterMachine, type Routers } from '../../support/routing/routers.ts';

const BLOCKS = { '10.65.0.0/26': 'one', '10.65.0.64/26': 'two', '10.65.0.128/26': 'three' };
const MORE = { ...BLOCKS, '10.65.1.0/26': 'two' };
const ONE_TO_TWO = '10.65.0.64/26 via 172.16.1.2 dev eth0 proto bird';

const poll = <T>(question: () => Promise<T>) => expect.poll(question, { timeout: 40_000, interval: 100 });

/** The connections of established sessions: a session that begins anew has another port. */
const established = async (machine: RouterMachine): Promise<readonly string[]> =>
  (await machine.host.must('cat', ['/proc/net/tcp']))
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', remote = '', state]) => state === '01' && `${local} ${remote}`.includes(BGP))
    .map(([, local, remote]) => `${local} ${remote}`)
    .sort();
const BGP = ':00B3';

describe.each([
  ['BIRD 1.6', 1, 2],
  ['BIRD 2', 2, 1],
] as const)('%s, with one machine of the other release', (_, release, other) => {
  let routers: Routers;
  let one: RouterMachine;
  let two: RouterMachine;
  let three: RouterMachine;

  beforeAll(async () => {
    routers = await openRouters({ one: { release }, two: { release }, three: { release: other } });
    [one, two, three] = ['one', 'two', 'three'].map(routers.machine) as [RouterMachine, RouterMachine, RouterMachine];
  });
  afterAll(() => routers.stop());

  test('BIRD is started, and each machine has routes to the blocks of the others', async () => {
    const { lines } = await one.apply(BLOCKS);
    expect(lines).toEqual([
      release === 1
        ? 'bird started, bird has a new configuration, bird6 started, bird6 has a new configuration: sessions +Mesh_172_16_1_2 +Mesh_172_16_1_3; blocks +10.65.0.0/26'
        : 'bird started, bird has a new configuration: sessions +Mesh_172_16_1_2 +Mesh_172_16_1_3; blocks +10.65.0.0/26',
    ]);
    await two.apply(BLOCKS);
    await three.apply(BLOCKS);
    await poll(() => one.route('10.65.0.64/26')).toBe(ONE_TO_TWO);
    await poll(() => one.route('10.65.0.128/26')).toBe('10.65.0.128/26 via 172.16.1.3 dev eth0 proto bird');
    await poll(() => three.route('10.65.0.0/26')).toBe('10.65.0.0/26 via 172.16.1.1 dev eth0 proto bird');
    await poll(() => one.route('10.65.0.0/26')).toBe('blackhole 10.65.0.0/26 proto bird');
    expect(await one.host.must('ip', ['route', 'show', 'scope', 'link', 'proto', 'bird'])).toBe('');
  });

  test('the same state changes nothing; a new block reaches the others, and no session begins anew', async () => {
    await poll(() => established(one).then((all) => all.length)).toBe(2);
    const before = await established(one);
    expect(await two.apply(BLOCKS)).toMatchObject({ lines: [] });
    const { lines } = await two.apply(MORE);
    expect(lines[0]).toMatch(/^bird has a new configuration: blocks \+10\.65\.1\.0\/26$|bird6/);
    await poll(() => one.route('10.65.1.0/26')).toBe('10.65.1.0/26 via 172.16.1.2 dev eth0 proto bird');
    expect(await established(one)).toEqual(before);
  });

  test('BIRD lives on when our process is killed, and the next one takes it over', async () => {
    const [pid, before] = [await one.birdPid(), await established(one)];
    one.startAgain();
    expect(await one.birdPid()).toBe(pid);
    expect(await one.apply(BLOCKS)).toMatchObject({ lines: [] });
    expect(await one.birdPid()).toBe(pid);
    expect(await established(one)).toEqual(before);
  });

  test('a killed BIRD is started again, and meanwhile no route is lost, neither here nor on the others', async () => {
    await poll(() => established(one).then((all) => all.length)).toBe(2);
    const seen = new Set<string>();
    let isOver = false;
    const watching = (async () => {
      while (!isOver) seen.add(`${await one.route('10.65.0.64/26')}; ${await two.route('10.65.0.0/26')}`);
    })();
    await one.host.must('sh', ['-c', `kill -9 ${(await one.birdPid()).replaceAll('\n', ' ')}`]);
    await poll(() => one.birdPid()).toBe('');
    const { lines } = await one.part.does({ check: true });
    expect(lines).toEqual([release === 1 ? 'bird started, bird6 started' : 'bird started']);
    await poll(() => established(one).then((all) => all.length)).toBe(2);
    await poll(() => one.birdc('show status')).not.toContain('recovery');
    isOver = true;
    await watching;
    expect([...seen]).toEqual([`${ONE_TO_TWO}; 10.65.0.0/26 via 172.16.1.1 dev eth0 proto bird`]);
  });

  test('a BIRD that hangs is told as a failure, and is started again at last', async () => {
    await one.host.must('sh', ['-c', `kill -STOP ${(await one.birdPid()).split('\n')[0]}`]);
    const silent = 'BIRD does not answer at /var/run/calico/bird.ctl: it may be busy or hang; its routes stay';
    await expect(one.part.does({ check: true })).rejects.toThrow(silent);
    await expect(one.apply(BLOCKS)).rejects.toThrow(silent);
    const { lines } = await one.apply(BLOCKS);
    expect(lines[0]).toMatch(/^bird started again, because it did not answer: settings$/);
    await poll(() => established(one).then((all) => all.length)).toBe(2);
  });

  test('a configuration that BIRD refuses is kept aside, and the old one stays', async () => {
    const refusing = `#!/bin/sh
case "$1" in --version) echo "BIRD version ${release}.6.8" >&2; exit;; -p) ;; *) exit 1;; esac
echo "bird: $3:7:1 syntax error" >&2
exit 1`;
    await one.host.must('sh', [
      '-ec',
      `mkdir -p /run/first && cat > /run/first/bird <<'E'\n${refusing}\nE\nchmod 755 /run/first/bird`,
    ]);
    const file = '/var/run/calico/bird.cfg';
    const before = await one.host.must('cat', [file]);
    await expect(one.apply({ ...MORE, '10.65.2.0/26': 'one' })).rejects.toThrow(
      `BIRD refuses the configuration that was generated for it: bird: ${file}.refused:7:1 syntax error: it is kept in ${file}.refused; BIRD goes on with the one before`,
    );
    expect(await one.host.must('cat', [file])).toBe(before);
    expect(await one.host.must('cat', [`${file}.refused`])).toContain('route 10.65.2.0/26 blackhole;');
    expect(await one.host.must('stat', ['-c', '%a', `${file}.refused`])).toBe('600\n');
    await one.host.must('rm', ['-r', '/run/first']);
    await one.apply(MORE);
  });

  test('a password, and what cannot be done is a problem', async () => {
    const bgp = {
      peers: { tor: { peerIP: '172.16.1.254', asNumber: 65_000, password: { secretKeyRef: { name: 's', key: 'k' } } } },
    };
    const { problem } = await one.apply(MORE, bgp);
    expect(problem).toBe('the password of BGPPeer tor (secret s, key k) cannot be read: its sessions have none');
    expect(await one.birdc('show protocols')).toMatch(/Global_172_16_1_254 +BGP /);
    expect(await one.apply(MORE)).not.toHaveProperty('problem');
  });

  test('the end leaves BIRD, a clean end leaves nothing', async () => {
    await one.part.does({ stop: 'leave' });
    expect(await one.birdPid()).not.toBe('');
    one.startAgain();
    await one.part.does({ stop: 'clean' });
    expect(await one.birdPid()).toBe('');
    expect(await one.host.must('ip', ['route', 'show', 'proto', 'bird'])).toBe('');
    expect(await one.host.must('sh', ['-c', 'ls /var/run/calico'])).not.toContain('bird');
    await poll(() => two.route('10.65.0.0/26')).toBe('');
  });
});
