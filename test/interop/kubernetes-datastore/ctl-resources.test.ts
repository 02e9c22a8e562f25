import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { retell } from '../../support/calicoctl/story.ts';
import { adminEnvironment, kubernetesCalicoctl, kubernetesSaid } from '../../support/kubernetes-datastore/calicoctl.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import { defineOtherKinds } from '../../support/kubernetes-datastore/other-kinds.ts';

const STORY = 'test/testdata/ctl/resources/story.txt';
/** Nodes, endpoints and profiles are Kubernetes' own objects, and containers are pods. */
const OTHERWISE = /^\$ (?:CNI_|calicoctl (?:create -f cluster|\w+ (?:nodes?|wep|profiles|blockaffinities)\b))/;

/** Each command of a story that answers the same on every datastore, with its answer. */
const alike = (story: string): readonly string[] =>
  story
    // The server's own count, which v3 shows.
    .replaceAll(/^ *"?generation"?: \d+,?\n/gm, '')
    .split('\n$ ')
    .map((answer) => `$ ${answer.replace(/^\$ /, '').trimEnd()}`)
    .filter((answer) => !OTHERWISE.test(answer));

inBothGroups('calicoctl in a cluster with %s', (bed, group) => {
  beforeAll(() => defineOtherKinds(bed.ask, group));

  test('says about resources what it says on etcd', async () => {
    await bed.ask('DELETE', resourcePath(group, 'ippools'));
    await bed.ask('DELETE', resourcePath(group, 'clusterinformations'));
    const retold = await retell(bed.host, STORY, adminEnvironment(bed));
    expect(alike(retold)).toEqual(alike(readFileSync(STORY, 'utf8')));
  });

  test('changes nodes and does not create or delete them', async () => {
    const node = (name: string) => `
apiVersion: projectcalico.org/v3
kind: Node
metadata: { name: ${name}, labels: { rack: '7' } }
spec: { bgp: { ipv4Address: 10.0.0.1/24, asNumber: 64513 } }
`;
    const created = await kubernetesCalicoctl(bed, 'create -f -', { input: node('node9') });
    expect(created).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(
        /^Failed to create 'Node' resource: \[operation Create is not supported on Node\(node9\)\]\n/,
      ),
    });
    await kubernetesSaid(bed, 'apply -f -', { input: node('node1') });
    expect(await kubernetesSaid(bed, 'get nodes -o wide')).toBe(NODES);
    const shown = await kubernetesSaid(bed, 'get node node1 -o yaml');
    expect(shown).toContain('\n  labels:\n    rack: "7"\n  name: node1\n');
    expect(shown).toMatch(/\nstatus: \{\}\n$/);
    expect(await kubernetesCalicoctl(bed, 'delete node node2')).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(
        /^Failed to delete 'Node' resource: operation Delete is not supported on Node\(node2\)\n/,
      ),
    });
  });

  test('sets and removes a label', async () => {
    const failed = async (line: string) => (await kubernetesCalicoctl(bed, line)).stderr;
    expect(await kubernetesSaid(bed, 'label node node2 zone=a')).toBe('Successfully set label zone on Node node2\n');
    expect(await failed('label node node2 zone=b')).toContain("please use '--overwrite' to override existing value");
    const changed = await kubernetesSaid(bed, 'label node node2 zone=b --overwrite');
    expect(changed).toBe('Successfully updated label zone on Node node2\n');
    expect(await kubernetesSaid(bed, 'get node node2 -o yaml')).toContain('zone: b');
    const removed = await kubernetesSaid(bed, 'label node node2 zone --remove');
    expect(removed).toBe('Successfully removed label zone from Node node2\n');
    expect(await failed('label node node2 zone --remove')).toContain('key zone does not exist');
    expect(await kubernetesSaid(bed, 'get node node2 -o yaml')).not.toContain('zone');
  });

  test('sets up a cluster and this node, and overwrites nothing', async () => {
    const first = await kubernetesSaid(bed, 'init --cidr=10.77.0.0/16 --node=node2 --ip=10.0.0.2/24');
    expect(first).toContain('Made IPPool(');
    expect(first).toContain('Found Node(node2)\nMade IPv4 address 10.0.0.2/24 of Node(node2)');
    const second = await kubernetesSaid(bed, 'init --cidr=10.77.0.0/16 --node=node2 --ip=10.0.0.2/24');
    expect(second).not.toContain('Made');
    await bed.host.must('rm', ['/var/lib/calico/nodename']);
    const line = 'init --cidr=10.78.0.0/16 --node=node9 --ip=10.0.0.9/24';
    const unknown = await kubernetesCalicoctl(bed, line);
    expect(unknown).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('operation Create is not supported on Node(node9)'),
    });
    expect(await kubernetesSaid(bed, 'get ippools')).not.toContain('10.78.0.0/16');
  });

  test('shows namespaces and service accounts as profiles', async () => {
    await bed.kubernetes.create('/api/v1/namespaces/prod/serviceaccounts', { metadata: { name: 'web' } });
    const lines = (await kubernetesSaid(bed, 'get profiles')).split('\n').map((line) => line.trim());
    expect(lines.slice(0, 3)).toEqual(['NAME', 'projectcalico-default-allow', 'kns.default']);
    expect(lines).toContain('ksa.prod.web');
    const shown = await kubernetesSaid(bed, 'get profile ksa.prod.web -o yaml');
    expect(shown).toContain('labelsToApply:\n    pcsa.projectcalico.org/name: web\n');
    const list = await kubernetesSaid(bed, 'get profiles -o yaml');
    expect(list).toMatch(/\nkind: ProfileList\nmetadata:\n {2}resourceVersion: \d+\/\d+\n$/);
  });

  test('keeps a policy under its own name, in v1 with the tier in the object’s', async () => {
    const policy = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: let-in, namespace: prod, annotations: { example.com/why: because } }
spec: { selector: app == 'a' }
`;
    await kubernetesSaid(bed, 'create -f -', { input: policy });
    const [object] = await bed.list('networkpolicies');
    const { name, annotations = {} } = object?.metadata ?? { name: '' };
    if (group === 'projectcalico.org')
      expect([name, annotations]).toEqual(['let-in', { 'example.com/why': 'because' }]);
    else {
      expect(name).toBe('default.let-in');
      expect(JSON.parse(annotations['projectcalico.org/metadata'] ?? '')).toEqual({
        name: 'let-in',
        creationTimestamp: expect.stringMatching(/Z$/),
        annotations: { 'example.com/why': 'because' },
      });
    }
    expect(await kubernetesSaid(bed, 'get np -A -o name')).toBe('networkpolicy/let-in\n');
    const shown = await kubernetesSaid(bed, 'get np let-in -n prod -o yaml');
    expect(shown).toContain('annotations:\n    example.com/why: because\n');
    await kubernetesSaid(bed, 'apply -f -', { input: shown });
    expect(await kubernetesSaid(bed, 'get np let-in -n prod -o yaml')).toBe(shown);
    await kubernetesSaid(bed, 'delete np let-in -n prod');
    expect(await bed.list('networkpolicies')).toEqual([]);
  });

  test('changes IPAM’s settings, which are the IPAMConfiguration here', async () => {
    await kubernetesSaid(bed, 'ipam configure --strictaffinity=true');
    expect(await kubernetesSaid(bed, 'get ipamconfig default -o yaml')).toContain('strictAffinity: true');
    const document = (strict: boolean) =>
      `{apiVersion: projectcalico.org/v3, kind: IPAMConfiguration, metadata: {name: default}, spec: {strictAffinity: ${strict}, autoAllocateBlocks: true}}`;
    for (const strict of [false, true]) await kubernetesSaid(bed, 'apply -f -', { input: document(strict) });
    expect(await kubernetesSaid(bed, 'ipam show --show-configuration')).toMatch(/StrictAffinity +\| true/);
    await kubernetesSaid(bed, 'delete ipamconfig default');
    expect(await kubernetesSaid(bed, 'ipam show --show-configuration')).toMatch(/StrictAffinity +\| false/);
  });

  test('checks the datastore', async () => {
    await kubernetesSaid(bed, 'datastore ready true');
    const state = await kubernetesSaid(bed, 'datastore check');
    expect(state).toMatch(
      /\n\| https:\/\/127\.0\.0\.1:6443 \| [\d.]+ ms +\| [\d.]+ ms +\| v\d\S* +\| \S*projectcalico\.org\/v[13] +\| admin \| \d{4}-\d\d-\d\d +\|\n/,
    );
    expect(state).toMatch(/\nThe datastore is healthy\.\n$/);
    await kubernetesSaid(bed, 'datastore migrate lock');
    expect(await kubernetesSaid(bed, 'datastore check', { status: 1 })).toContain('datastoreReady is false');
    await kubernetesSaid(bed, 'datastore migrate unlock');
  });
});

const NODES = `NAME    ASN     IPV4          IPV6   
node1   64513   10.0.0.1/24          
node2                                

`;
