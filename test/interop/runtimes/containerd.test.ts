import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Bed, test } from '../../support/bed/bed.ts';
import { entry } from '../../support/bed/conflist.ts';
import { type Containerd, startContainerd } from '../../support/containerd/containerd.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { fetched } from '../../support/network/web.ts';

const ENDPOINTS = '/calico/resources/v3/projectcalico.org/workloadendpoints/default/';
const LIST = [entry(), { type: 'tuning', sysctl: { 'net.ipv4.conf.all.log_martians': '1' } }];

describe('containerd', () => {
  beforeEach(({ skip }) => skip(tools().containerd === undefined, 'containerd is not available here'));

  test('runs pods with our list that serve and reach each other, and cleans up after them', {
    timeout: 60_000,
  }, async ({ bed }) => {
    const containerd = await startContainerd(bed.host, LIST);
    try {
      const web = containerd.run('web1', '/bin/httpd', '-f', '-p', '80', '-h', '/www');
      const address = await addressOf(bed, 'web1');
      expect(await fetched(bed.host, `http://${address}/`)).toBe('hello from containerd');
      expect(await asked(containerd, `http://${address}/`)).toBe('hello from containerd\n');
      await containerd.ctr('task', 'kill', '-s', 'KILL', 'web1');
      await once(web, 'exit');
      expect(await caliLinks(bed.host)).toEqual([]);
      expect(Object.keys(await bed.etcd.dump()).join()).not.toMatch(/\/handle\/|workloadendpoints/);
    } finally {
      await containerd.stop();
    }
  });
});

/** The address of a container's endpoint, once it exists and its task runs. */
async function addressOf(bed: Bed, name: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const [text] = Object.entries(await bed.etcd.dump(ENDPOINTS)).flatMap(([key, value]) =>
      key.includes(`node1-cni-default--${name}-eth0`) ? value : [],
    );
    const address = text === undefined ? undefined : JSON.parse(text).spec.ipNetworks[0].replace('/32', '');
    if (address !== undefined && (await fetched(bed.host, `http://${address}/`)) !== '') return address;
    await sleep(50);
  }
  throw new Error(`${name} has no reachable address`);
}

/** What a second container gets from a URL. It exits by itself. */
async function asked(containerd: Containerd, url: string): Promise<string> {
  const client = containerd.run('client1', '/bin/wget', '-q', '-O', '-', url);
  let said = '';
  client.stdout?.on('data', (part: Buffer) => {
    said += part.toString();
  });
  await once(client, 'close');
  return said;
}
