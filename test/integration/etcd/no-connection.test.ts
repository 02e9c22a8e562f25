import { writeFileSync } from 'node:fs';
import { describe } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { failureOf } from '../../support/calls/call.ts';
import { conf } from '../../support/stored/cluster.ts';

const to = (etcd_endpoints: string) => ({ conf: conf({ etcd_endpoints }) });
const apiServer = (k8s_api_root: string) => ({
  argv: ['-t'],
  conf: conf({ kubernetes: { k8s_api_root, kubeconfig: '/run/calico-test/kubeconfig' } }),
});

/** A fault on the way to a host, and what the error must say about it. */
const WAYS = [
  { name: 'a closed port', host: '127.0.0.1', said: /connect ECONNREFUSED 127\.0\.0\.1:9/ },
  { name: 'an unreachable route', host: '10.98.0.1', said: /connect EHOSTUNREACH 10\.98\.0\.1:9/ },
  { name: 'no route', host: 'fd98::1', said: /connect E(?:NETUNREACH|HOSTUNREACH) fd98::1:9/ },
  { name: 'a machine that does not exist', host: '10.97.0.7', said: /connect EHOSTUNREACH 10\.97\.0\.7:9/ },
  { name: 'a name that does not exist', host: 'nosuch.invalid', said: /name nosuch\.invalid does not resolve/ },
] as const;
const inUrl = (host: string) => (host.includes(':') ? `[${host}]` : host);

const PREPARE = `
ip route add unreachable 10.98.0.0/24
ip link add lan0 type veth peer name lan1
ip addr add 10.97.0.1/24 dev lan0
ip link set lan0 up
ip link set lan1 up`;

describe.concurrent('the error gives the reason for a failed connection', () => {
  test.for(WAYS)('$name, to etcd', { timeout: 60_000 }, async ({ host, said }, { bed, expect }) => {
    await bed.host.must('sh', ['-c', PREPARE]);
    const failure = failureOf(await bed.call('ADD', await bed.container(), to(`http://${inUrl(host)}:9`)));
    expect(failure.code).toBe(11);
    expect(failure.details).toMatch(said);
    expect(failure.details).not.toMatch(/require https|use TLS/);
  });

  test.for(WAYS)('$name, to the API server', { timeout: 60_000 }, async ({ host, said }, { bed, expect }) => {
    await bed.host.must('sh', ['-c', PREPARE]);
    writeFileSync(bed.host.file('/run/calico-test/kubeconfig'), '{"kind":"Config"}');
    const call = apiServer(`https://${inUrl(host)}:9`);
    const failure = failureOf(await bed.call('', await bed.container(), call));
    expect(failure.code).toBe(100);
    expect(failure.details).toMatch(/^unable to connect to K8s server: Kubernetes API server https:\/\//);
    // Two seconds are too short for the kernel to detect that a machine is missing.
    expect(failure.details).toMatch(host === '10.97.0.7' ? /no connection within [12](?:\.\d+)? s/ : said);
  });

  test('name servers that are silent', { timeout: 60_000 }, async ({ bed, expect }) => {
    await bed.host.must('sh', ['-c', PREPARE]);
    writeFileSync(bed.host.file('/run/calico-test/resolv.conf'), 'nameserver 10.97.0.7\n');
    await bed.host.must('mount', ['--bind', '/run/calico-test/resolv.conf', '/etc/resolv.conf']);
    const failure = failureOf(await bed.call('ADD', await bed.container(), to('http://etcd.example:2379')));
    expect(failure.code).toBe(11);
    expect(failure.details).toMatch(/http:\/\/etcd\.example:2379: the name etcd\.example does not resolve/);
  });
});

describe.concurrent('calico -t', () => {
  test('reports what it found when all is well', async ({ bed, expect }) => {
    const ran = await bed.call('', await bed.container(), { argv: ['-t'], conf: conf() });
    expect(ran).toMatchObject({ exit: 0, stdout: 'The datastore answers and is ready: http://127.0.0.1:2379\n' });
  });

  test('reports why it is not', async ({ bed, expect }) => {
    const ran = await bed.call('', await bed.container(), { argv: ['-t'], ...to('http://127.0.0.1:9') });
    expect(failureOf(ran)).toMatchObject({
      code: 100,
      msg: 'data store connection failed',
      details: expect.stringMatching(/cannot be reached: http:\/\/127\.0\.0\.1:9: .*connect ECONNREFUSED/),
    });
  });
});
