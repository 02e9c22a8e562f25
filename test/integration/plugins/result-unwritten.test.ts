import { describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import type { State } from '../../support/bed/state.ts';
import { environment, resultOf, silentSuccess } from '../../support/calls/call.ts';
import { grpc, withDataplane } from '../../support/dataplane/dataplane-bed.ts';
import { obliging } from '../../support/dataplane/grpc-dataplane.ts';
import { netnsPath } from '../../support/network/netns.ts';
import { type Conf, conf, DUAL, POOL6 } from '../../support/stored/cluster.ts';

const DATA = '/run/calico-test/host-local';
const HOST_LOCAL = { type: 'host-local', subnet: '10.81.0.0/24', dataDir: DATA };

/** Shell lines around an executable ($0) that prevent it from writing its result, and its exit status. */
const WAYS = [
  ['a pipe whose reader is gone', unread('pipe my $reader, $writer')],
  ['a full disk', '"$0" >/dev/full'],
  ['a socket whose reader is gone', unread('socketpair my $reader, $writer, AF_UNIX, SOCK_STREAM, PF_UNSPEC')],
] as const;

/** In Perl, because a shell may close the reader a moment too late. */
function unread(pair: string): string {
  return `exec perl -MSocket -e 'my $writer; ${pair} or die $!; open STDOUT, ">&", $writer or die $!; close $reader; exec @ARGV' "$0"`;
}

const NETWORKS: readonly { readonly name: string; readonly plugin?: string; readonly conf: Conf }[] = [
  { name: 'calico', conf: conf() },
  { name: 'calico, dual-stack', conf: conf({ ipam: DUAL }) },
  { name: 'calico with host-local', conf: conf({ ipam: HOST_LOCAL }) },
  { name: 'calico-ipam', plugin: 'calico-ipam', conf: conf() },
  { name: 'calico-ipam, dual-stack', plugin: 'calico-ipam', conf: conf({ ipam: DUAL }) },
];

describe.each(WAYS)('an ADD that cannot write its result to %s,', (_way, shell) => {
  test.for(NETWORKS)('fails with the reason and leaves nothing: $name', async (network, { bed }) => {
    await bed.etcd.put(POOL6);
    const container = await bed.container();
    const before = await bed.state();
    await fails(bed, shell, container, network);
    expect(traces(await bed.state())).toEqual(traces(before));
    expect(await hostLocals(bed)).toEqual([]);
    await again(bed, container, network);
  });

  test.for(NETWORKS)('takes nothing from a container that is added again: $name', async (network, { bed }) => {
    await bed.etcd.put(POOL6);
    const container = await bed.container();
    const first = await bed.add(container, network);
    await fails(bed, shell, container, network);
    expect((await bed.add(container, network)).ips).toEqual(first.ips);
  });
});

test('an ADD through a grpc dataplane that cannot write its result leaves nothing', async ({ bed }) => {
  await withDataplane(bed, obliging, async (seen) => {
    for (const ipam of [{ type: 'calico-ipam' }, HOST_LOCAL]) {
      const changes = grpc({ ipam });
      const container = await bed.container();
      const before = await bed.state();
      await fails(bed, '"$0" >/dev/full', container, changes);
      expect(traces(await bed.state())).toEqual(traces(before));
      expect(await hostLocals(bed)).toEqual([]);
    }
    expect(seen.map(({ method }) => method)).toEqual(['Add', 'Del', 'Add', 'Del']);
  });
});

async function fails(bed: Bed, shell: string, container: Container, { plugin = 'calico', conf: network }: CallChanges) {
  const call = { command: 'ADD', ...container, netns: netnsPath(container.netns), conf: '' };
  const options = { env: environment(call), input: JSON.stringify(network) };
  const ran = await bed.host.run('/bin/bash', ['-c', shell, `${tools().bin}/${plugin}`], options);
  expect(ran.exit).toBe(1);
  expect(ran.stderr).toMatch(/\[ERROR\].*: error writing the result to stdout .*code=5 .*details="(?:EPIPE|ENOSPC)/);
}

/** The ADD works once the result can be written, and DEL cleans up. */
async function again(bed: Bed, container: Container, network: CallChanges): Promise<void> {
  resultOf(await bed.call('ADD', container, network));
  silentSuccess(await bed.call('DEL', container, network));
}

/**
 * Everything that names a container: keys and addresses, links, routes. Blocks and the network's profile stay after
 * any ADD.
 */
function traces({ etcd, host, pods }: State) {
  const keys = Object.keys(etcd).filter((key) => /\/handle\/|workloadendpoints/.test(key));
  const held = Object.values(etcd).filter((value) => value.includes('handle_id'));
  return { keys, held, host, pods };
}

async function hostLocals(bed: Bed): Promise<readonly string[]> {
  const { stdout } = await bed.host.run('/bin/sh', ['-c', `ls ${DATA}/* 2>/dev/null | grep -E '^[0-9]+\\.'`]);
  return stdout.split('\n').filter((line) => line !== '');
}
