import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { KINDS } from '../../../ctl/kinds/kinds.ts';
import { examples } from '../../support/calicoctl/examples.ts';
import { type Etcd, startEtcd } from '../../support/etcd/etcd.ts';
import { type Host, startHost } from '../../support/host/host.ts';

test('there is an example of every kind that can be written', () => {
  const written = KINDS.filter(({ rules }) => rules !== undefined).map(({ name }) => name);
  expect([...new Set(examples.map(({ kind }) => kind))].sort()).toEqual(written.sort());
});

describe('what is applied, shown and applied again does not change in etcd', () => {
  let host: Host;
  let etcd: Etcd;
  beforeAll(async () => {
    host = await startHost();
    etcd = await startEtcd(host);
  });
  afterAll(async () => {
    await etcd?.stop();
    await host?.stop();
  });

  async function say(line: string, input = ''): Promise<string> {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ETCD_ENDPOINTS: 'http://127.0.0.1:2379' };
    const { exit, stdout, stderr } = await host.run(`${tools().bin}/calicoctl`, line.split(' '), { env, input });
    expect([exit, stderr], line).toEqual([0, '']);
    return stdout;
  }

  test.each(examples)('$kind $metadata.name', async ({ text, words, before }) => {
    if (before !== '') await say('apply -f -', before);
    await say('apply -f -', text);
    // etcd counts every write, also one that changes nothing.
    const shown = async () => (await say(`get ${words} -o yaml`)).replace(/resourceVersion: "\d+"/, '');
    const [stored, first] = [await etcd.dump(), await say(`get ${words} -o yaml`)];
    const levelled = await shown();
    for (const verb of ['apply', 'replace']) {
      await say(`${verb} -f -`, verb === 'apply' ? first : levelled);
      expect(await shown(), verb).toBe(levelled);
      expect(await etcd.dump(), verb).toEqual(stored);
    }
    await say(`delete ${words}`);
    expect(await say(`get ${words.replace(/ [^ ]+/, '')} -o name`)).not.toContain(`/${words.split(' ')[1]}\n`);
  });
});
