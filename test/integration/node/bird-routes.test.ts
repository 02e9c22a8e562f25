import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRouters, type RouterMachine, type Routers } from '../../support/routing/routers.ts';

const BLOCKS = { '10.65.0.0/26': 'one', '10.65.0.64/26': 'two', 'fd65::/122': 'one', 'fd65::40/122': 'two' };
const SECRET = { secretKeyRef: { name: 'bgp', key: 'mesh' } };
const MESH = { configurations: { default: { nodeMeshPassword: SECRET } } };

/** A pod as its plugin leaves it: a route over its interface. */
const addPod = ({ host }: RouterMachine, name: string, address: string) =>
  host.must('sh', [
    '-ec',
    `ip link add ${name} type veth peer name p${name}; ip link set ${name} up; ip route add ${address} dev ${name}`,
  ]);

const poll = <T>(question: () => Promise<T>) => expect.poll(question, { timeout: 40_000, interval: 100 });

describe.each([
  ['BIRD 1.6', 1, 2],
  ['BIRD 2', 2, 1],
] as const)('%s and a machine of the other release', (_, release, other) => {
  let routers: Routers;
  let one: RouterMachine;
  let two: RouterMachine;

  beforeAll(async () => {
    const passwords = { 'bgp/mesh': 'open sesame' };
    const machines = { one: { release, passwords }, two: { release: other, passwords } };
    routers = await openRouters(machines, { hasIpv6: true });
    [one, two] = [routers.machine('one'), routers.machine('two')];
  });
  afterAll(() => routers.stop());

  test('an address in another machine’s block is announced by itself, one in an own block is not', async () => {
    await addPod(two, 'cali1', '10.65.0.5');
    await addPod(two, 'cali2', '10.65.0.70');
    await one.apply(BLOCKS);
    await two.apply(BLOCKS);
    await poll(() => one.route('10.65.0.5')).toBe('10.65.0.5 via 172.16.1.2 dev eth0 proto bird');
    expect(await one.route('10.65.0.64/26')).toBe('10.65.0.64/26 via 172.16.1.2 dev eth0 proto bird');
    expect(await one.route('10.65.0.70')).toBe('');
  });

  test('IPv6', async () => {
    await poll(() => one.route('fd65::40/122')).toBe('fd65::40/122 via fd00:172:16:1::2 dev eth0 proto bird');
    await poll(() => two.route('fd65::/122')).toBe('fd65::/122 via fd00:172:16:1::1 dev eth0 proto bird');
    expect(await one.route('fd65::/122')).toContain('blackhole fd65::/122');
  });

  test('a pod that has gone is withdrawn', async () => {
    await two.host.must('ip', ['link', 'del', 'cali1']);
    await poll(() => one.route('10.65.0.5')).toBe('');
  });

  test('a mesh with a password: both have it, then one has another', async () => {
    await one.apply(BLOCKS, MESH);
    await two.apply(BLOCKS, MESH);
    await poll(() => one.birdc('show protocols')).toMatch(/Mesh_172_16_1_2 .*Established/);
    await poll(() => one.route('10.65.0.64/26')).toContain('via 172.16.1.2');
    await two.apply(BLOCKS);
    await poll(() => one.birdc('show protocols')).not.toMatch(/Mesh_172_16_1_2 .*Established/);
    await two.apply(BLOCKS, MESH);
    await poll(() => one.birdc('show protocols')).toMatch(/Mesh_172_16_1_2 .*Established/);
  });

  test('networks of services are announced, and are not in the kernel of the others', async () => {
    const services = { configurations: { default: { serviceClusterIPs: [{ cidr: '10.96.0.0/16' }] } } };
    await two.apply(BLOCKS, services);
    await one.apply(BLOCKS, services);
    await poll(() => one.birdc('show route for 10.96.0.1')).toMatch(
      /10\.96\.0\.0\/16.*Mesh_172_16_1_2|via 172\.16\.1\.2/,
    );
    expect(await one.route('10.96.0.0/16')).toBe('');
  });
});
