import { readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import { failureOf } from '../../support/calls/call.ts';
import type { Ran } from '../../support/host/host.ts';
import { conf } from '../../support/stored/cluster.ts';

/** Created by any command that is injected. */
const CANARY = '/run/calico-test/canary';
const COMMANDS = [
  `;touch ${CANARY}`,
  `$(touch ${CANARY})`,
  `\`touch ${CANARY}\``,
  `|touch ${CANARY}`,
  `'; touch ${CANARY} #`,
  `"; touch ${CANARY} #`,
  '\nlink del uplink',
  '\nlink del uplink\n',
  'x up\nlink del dev uplink',
  ' netns /proc/1/ns/net',
  '../../../../../../run/calico-test/canary',
  '-batch',
  '--help',
  '%0alink%20del%20uplink',
  '\t',
  '\u2028é😀',
];
/** Where a hostile text may be, and whether every such text must be rejected there. */
const PLACES: readonly { name: string; refused: boolean; call: (text: string) => CallChanges }[] = [
  { name: 'CNI_CONTAINERID', refused: true, call: (text) => ({ containerID: text }) },
  { name: 'CNI_IFNAME', refused: false, call: (text) => ({ ifname: text }) },
  { name: 'CNI_NETNS', refused: false, call: (text) => ({ netns: text }) },
  { name: 'a pod name', refused: false, call: (text) => ({ args: `K8S_POD_NAMESPACE=a;K8S_POD_NAME=${text}` }) },
  { name: 'a namespace', refused: false, call: (text) => ({ args: `K8S_POD_NAMESPACE=${text};K8S_POD_NAME=a` }) },
  { name: 'CNI_TEST_NAMESPACE', refused: false, call: (text) => ({ args: `CNI_TEST_NAMESPACE=${text}` }) },
  { name: 'MAC', refused: true, call: (text) => ({ args: `MAC=02:00:00:00:00:01${text}` }) },
  { name: 'IP', refused: true, call: (text) => ({ args: `IP=192.168.7.7${text}` }) },
  { name: 'the network', refused: false, call: (text) => ({ conf: conf({ name: `n${text}` }) }) },
  { name: 'the node', refused: false, call: (text) => ({ conf: conf({ nodename: text }) }) },
  { name: 'ipam.type', refused: true, call: (text) => ({ conf: conf({ ipam: { type: text } }) }) },
  { name: 'runtimeConfig.mac', refused: true, call: (text) => ({ conf: conf({ runtimeConfig: { mac: text } }) }) },
  { name: 'the interface prefix', refused: false, call: (text) => ({ env: { FELIX_INTERFACEPREFIX: text } }) },
];

describe.concurrent('shell, path and netlink metacharacters', () => {
  test.for(PLACES)('in $name are either rejected or just a name', { timeout: 180_000 }, async (place, { bed }) => {
    const container = await bed.container();
    const calm = await bystander(bed);
    for (const text of COMMANDS) {
      for (const verb of ['ADD', 'DEL']) {
        const ran = await bed.call(verb, container, place.call(text));
        judge(ran, `${verb} with ${JSON.stringify(text)}`);
        if (verb === 'ADD' && place.refused) failureOf(ran);
      }
    }
    // What an ADD accepted as a name went with its own DEL. Nothing else has changed.
    await calm();
  });

  test('in a stored endpoint do not reach the kernel', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const calm = await bystander(bed);
    const [key = '', value = ''] =
      Object.entries(await bed.etcd.dump('/calico/resources/')).find(([name]) => name.includes('workloadendpoints')) ??
      [];
    const { spec, ...endpoint } = JSON.parse(value);
    for (const text of COMMANDS) {
      for (const changed of [
        { ipNetworks: [`192.168.7.7/32${text}`] },
        { ipNetworks: [`${text}/32`] },
        { mac: `${spec.mac}${text}` },
      ]) {
        await bed.etcd.put({ [key]: JSON.stringify({ ...endpoint, spec: { ...spec, ...changed } }) });
        const failure = failureOf(await bed.call('ADD', container));
        expect(failure.msg).toMatch(/^failed to parse datastore entry key=\/calico\//);
      }
    }
    await calm();
    await bed.etcd.put({ [key]: value });
    await bed.del(container);
  });
});

/** Returns a check that nothing of others has changed: host interfaces, files, and another container's network. */
async function bystander(bed: Bed): Promise<() => Promise<void>> {
  const other: Container = await bed.container();
  await bed.add(other);
  const look = async () => ({
    links: (await bed.host.must('sh', ['-c', 'ls /sys/class/net | sort'])).trim(),
    uplink: await bed.host.must('ip', ['-br', 'addr', 'show', 'uplink']),
    files: readdirSync(bed.host.file('/run/calico-test')).filter((name) => !name.startsWith('etcd')),
    pod: await bed.host.must('ip', ['-n', other.netns, '-br', 'addr', 'show', 'eth0']),
    root: readdirSync(bed.host.file('/var/lib/calico')),
  });
  const before = await look();
  return async () => expect(await look()).toEqual(before);
}

/** A result, or one error object. */
function judge({ exit, stdout }: Ran, what: string): void {
  expect([0, 1], what).toContain(exit);
  if (exit === 1) expect(JSON.parse(stdout), what).toMatchObject({ code: expect.any(Number), msg: expect.any(String) });
  expect(stdout, what).not.toMatch(/\n\s+at /);
}
