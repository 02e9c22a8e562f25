import { describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Bed, test } from '../../support/bed/bed.ts';
import { environment } from '../../support/calls/call.ts';
import { type Conf, conf } from '../../support/stored/cluster.ts';

const FILE = '/run/calico-test/conf.json';

/** The output of a call on a terminal, which script provides. */
async function shown(bed: Bed, command: string, changes: Conf): Promise<string> {
  const container = await bed.container();
  const config = { ...conf({ cniVersion: '1.0.0', ...changes }), etcd_endpoints: bed.etcd.endpoint };
  await bed.add(container);
  await bed.host.run('sh', ['-c', `cat > ${FILE}`], { input: JSON.stringify(config) });
  const call = {
    command,
    containerID: container.containerID,
    netns: `/var/run/netns/${container.netns}`,
    conf: config,
  };
  const env = { ...environment(call), SHELL: '/bin/sh', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const { exit, stdout } = await bed.host.run('script', ['-qec', `${tools().bin}/calico < ${FILE}`, '/dev/null'], {
    env,
  });
  expect(exit, stdout).toBe(0);
  return stdout;
}

describe.concurrent('at a terminal', () => {
  test('a DEL prints nothing', async ({ bed }) => {
    expect(await shown(bed, 'DEL', { log_level: undefined })).toBe('');
  });

  test('an ADD prints only its result', async ({ bed }) => {
    expect(JSON.parse(await shown(bed, 'ADD', { log_level: undefined }))).toMatchObject({ cniVersion: '1.0.0' });
  });

  test('a given log level applies', async ({ bed }) => {
    expect(await shown(bed, 'DEL', { log_level: 'info' })).toContain('[INFO]');
  });
});
