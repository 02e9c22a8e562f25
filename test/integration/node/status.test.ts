import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { startWatching } from '../../support/install/watching.ts';
import { openRouters, type RouterMachine, type Routers } from '../../support/routing/routers.ts';

const BLOCKS = { '10.65.0.0/26': 'one', '10.65.0.64/26': 'two' };

const status = (machine: RouterMachine, ...words: readonly string[]) =>
  machine.host.run(`${tools().bin}/calicoctl`, ['node', 'status', ...words]);

/** Something that looks like calico/node's Felix. */
async function startFelix({ host }: RouterMachine): Promise<void> {
  await host.must('cp', ['/bin/bash', '/run/calico-felix']);
  const felix = startWatching(host, ['/run/calico-felix', '-c', 'echo there; read x'], {});
  onTestFinished(async () => void (await felix.stop()));
  await felix.says('there');
}

describe.each([
  ['BIRD 1.6', 1],
  ['BIRD 2', 2],
] as const)('calicoctl node status with %s', (_, release) => {
  let routers: Routers;
  let one: RouterMachine;

  beforeAll(async () => {
    routers = await openRouters({ one: { release }, two: { release } });
    one = routers.machine('one');
  });
  afterAll(() => routers.stop());

  test('nobody makes routes', async () => {
    expect(await status(one)).toMatchObject({ exit: 1, stdout: '', stderr: 'Calico process is not running.\n' });
  });

  test('calico/node runs, and no BIRD', async () => {
    await startFelix(one);
    expect(await status(one)).toMatchObject({
      exit: 0,
      stdout: `Calico process is running.

None of the BGP backend processes (BIRD or GoBGP) are running.

Routes made by: calico/node
Announced: nothing
Routes received: 0
Journal: empty
`,
    });
  });

  test('the table', async () => {
    await startFelix(one);
    await one.apply(BLOCKS);
    await routers.machine('two').apply(BLOCKS);
    await expect.poll(() => one.route('10.65.0.64/26'), { timeout: 30_000 }).not.toBe('');
    const { stdout, exit } = await status(one);
    expect(exit).toBe(0);
    expect(stdout.replace(/\d\d:\d\d:\d\d/, '23:30:04')).toBe(`Calico process is running.

IPv4 BGP status
+--------------+-------------------+-------+----------+-------------+
| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |    INFO     |
+--------------+-------------------+-------+----------+-------------+
| 172.16.1.2   | node-to-node mesh | up    | 23:30:04 | Established |
+--------------+-------------------+-------+----------+-------------+

IPv6 BGP status
No IPv6 peers found.

Routes made by: calico/node
Announced: 10.65.0.0/26
Routes received: 1
Journal: empty
`);
    expect(JSON.parse((await status(one, '-o', 'json')).stdout)).toMatchObject({
      running: true,
      ipv4: { bird: 'running', peers: [{ address: '172.16.1.2', type: 'node-to-node mesh', info: 'Established' }] },
      routesReceived: 1,
    });
  });

  test('our process has ended: BIRD and its routes are still there', async () => {
    const { exit, stderr } = await status(one);
    expect([exit, stderr]).toEqual([
      1,
      'Calico process is not running.\nBIRD is running and keeps the routes that it has; calicoctl node run keeps them up to date\n',
    ]);
  });

  test('a BIRD that hangs is told, and costs no more than seconds', async () => {
    await startFelix(one);
    const pids = (await one.birdPid()).replaceAll('\n', ' ');
    await one.host.must('sh', ['-c', `kill -STOP ${pids}`]);
    const { stdout } = await status(one);
    await one.host.must('sh', ['-c', `kill -CONT ${pids}`]);
    expect(stdout).toContain('\nIPv4 BGP status\nError querying BIRD: BIRDv4 does not answer\n');
  });

  test('another socket, and who is not root', async () => {
    await startFelix(one);
    const { stdout } = await status(one, '--bird-socket=/run/none.ctl');
    expect(stdout).toContain('None of the BGP backend processes');
    const words = ['--reuid=nobody', '--clear-groups', `${tools().bin}/calicoctl`, 'node', 'status'];
    const { exit, stderr } = await one.host.run('setpriv', words);
    expect([exit, stderr]).toEqual([
      1,
      'Failed to execute command: Need super user privileges: Operation not permitted\n  run it as root\n',
    ]);
  });
});
