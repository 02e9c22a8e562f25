import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, test } from '../support/bed.ts';
import { conf } from '../support/cluster.ts';
import { addressesOf, failureOf, silentSuccess } from '../support/cni.ts';
import { caliLinks, links } from '../support/netns.ts';
import { reaches } from '../support/reach.ts';

const netkit = (changes: object = {}) =>
  conf({ cniVersion: '1.0.0', device_type: 'netkit', log_level: 'info', mtu: 1400, ...changes });

/** Runs with an `ip` that takes netkits for what shell lines make of the batch. */
function withIp(bed: Bed, rewrite: string): CallChanges {
  const folder = '/run/calico-test/kernel';
  mkdirSync(bed.host.file(folder), { recursive: true });
  const script = `#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
[ "$1" = -batch ] || exec ip "$@"
batch=$(cat)
case $batch in *"type netkit"*) printf '%s\\n' "$batch" >> ${folder}/asked;; esac
${rewrite}
printf '%s\\n' "$batch" | ip -batch -
`;
  writeFileSync(bed.host.file(`${folder}/ip`), script);
  chmodSync(bed.host.file(`${folder}/ip`), 0o755);
  return { env: { PATH: `${folder}:/usr/sbin:/usr/bin:/sbin:/bin` } };
}

const AS_VETH = `batch=$(printf '%s' "$batch" | sed 's/type netkit mode l2 peer/type veth peer/')`;
const UNKNOWN = `case $batch in *"type netkit"*) echo 'Error: Unknown device type.' >&2; echo 'Command failed -:1' >&2; exit 1;; esac`;
const REFUSED = `case $batch in *"type netkit"*) echo 'RTNETLINK answers: Operation not permitted' >&2; echo 'Command failed -:1' >&2; exit 1;; esac`;

describe('device_type netkit', () => {
  test('gives a pod that is reached, repaired and removed like any other', async ({ bed }) => {
    const container = await bed.container();
    const before = await bed.state();
    const result = await bed.add(container, { conf: netkit() });
    expect(await reaches(bed.host, addressesOf(result)[0] ?? '')).toBe(true);
    silentSuccess(await bed.call('CHECK', container, { conf: netkit({ prevResult: result }) }));
    await bed.host.must('ip', ['-n', container.netns, 'link', 'del', 'eth0']);
    expect(addressesOf(await bed.add(container, { conf: netkit() }))).toEqual(addressesOf(result));
    expect(await reaches(bed.host, addressesOf(result)[0] ?? '')).toBe(true);
    await bed.del(container, { conf: netkit() });
    expect((await bed.state()).host).toEqual(before.host);
  });

  test('asks the kernel for a netkit of layer 2, its ends with the MACs and the MTU that a veth would have', async ({
    bed,
  }) => {
    const container = await bed.container();
    const result = await bed.add(container, { conf: netkit(), ...withIp(bed, AS_VETH) });
    const host = `cali${container.containerID.slice(0, 11)}`;
    expect(await bed.host.must('cat', ['/run/calico-test/kernel/asked'])).toMatch(
      new RegExp(
        `^link add name "${host}" mtu 1400 type netkit mode l2 peer name "eth0" mtu 1400 netns /proc/\\d+/fd/\\d+\\n$`,
      ),
    );
    const hostLink = (await links(bed.host)).find(({ ifname }) => ifname === host);
    const podLink = (await links(bed.host, container.netns)).find(({ ifname }) => ifname === 'eth0');
    expect(hostLink).toMatchObject({ address: 'ee:ee:ee:ee:ee:ee', mtu: 1400 });
    expect(podLink).toMatchObject({ address: result.interfaces?.[1]?.mac, mtu: 1400 });
    expect(await reaches(bed.host, addressesOf(result)[0] ?? '')).toBe(true);
  });

  test('falls back to a veth where the kernel knows none, and says so', async ({ bed }) => {
    const container = await bed.container();
    const ran = await bed.call('ADD', container, { conf: netkit(), ...withIp(bed, UNKNOWN) });
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toMatch(/\[INFO\].*No netkit here, making a veth/);
    expect(await caliLinks(bed.host)).toHaveLength(1);
  });

  test('fails when the kernel refuses for another reason, and leaves nothing', async ({ bed }) => {
    const container = await bed.container();
    const before = await bed.state();
    const failure = failureOf(await bed.call('ADD', container, { conf: netkit(), ...withIp(bed, REFUSED) }));
    expect(failure.msg).toBe('operation not permitted');
    expect((await bed.state()).host).toEqual(before.host);
  });
});
