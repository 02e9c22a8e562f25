import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Host, startHost } from '../../support/host/host.ts';
import type { Ask } from '../../support/kubernetes/api-client.ts';
import { hasKubernetes, type Kubernetes, startKubernetes } from '../../support/kubernetes/api-server.ts';
import {
  apiVersionOf,
  defineKinds,
  type Group,
  resourcePath,
} from '../../support/kubernetes-datastore/custom-resources.ts';
import { ACCEPTED, AFFINITY, BLOCK, HANDLE, REFUSED, without } from '../../support/kubernetes-datastore/ipam-specs.ts';

type Json = Readonly<Record<string, unknown>>;

const KINDS: Readonly<Record<string, string>> = {
  ipamblocks: 'IPAMBlock',
  blockaffinities: 'BlockAffinity',
  ipamhandles: 'IPAMHandle',
  ipamconfigs: 'IPAMConfig',
  ipamconfigurations: 'IPAMConfiguration',
  ippools: 'IPPool',
  ipreservations: 'IPReservation',
};

describe.skipIf(!hasKubernetes())('the API server with Calico’s kinds', () => {
  let host: Host;
  let kubernetes: Kubernetes;
  let ask: Ask;
  let waited: readonly number[];
  beforeAll(async () => {
    host = await startHost();
    kubernetes = await startKubernetes(host);
    ask = kubernetes.ask;
    waited = await defineKinds(ask, 'crd.projectcalico.org');
    await defineKinds(ask, 'projectcalico.org');
  });
  afterAll(async () => {
    await kubernetes?.stop();
    await host?.stop();
  });

  let numbered = 0;
  const post = (plural: string, spec: Json | string, group: Group = 'crd.projectcalico.org') => {
    const head = { apiVersion: apiVersionOf(group), kind: KINDS[plural], metadata: { name: `o-${++numbered}` } };
    const text = typeof spec === 'string' ? spec : JSON.stringify(spec);
    return ask('POST', resourcePath(group, plural), `${JSON.stringify(head).slice(0, -1)},"spec":${text}}`);
  };
  test.each(ACCEPTED)('accepts %s %j', async (plural, spec) => {
    expect(await post(plural, spec)).toMatchObject({ status: 201 });
  });

  test.each([...REFUSED, ['ipreservations', { reservedCIDRs: ['192.168.0.1'] }, 'spec.reservedCIDRs'] as const])(
    'rejects %s %j',
    async (plural, spec, wanted) => {
      const { status, body } = await post(plural, spec);
      expect({ status, message: body['message'] }).toEqual({ status: 422, message: expect.stringMatching(wanted) });
    },
  );

  test('keeps integers up to 2^63 - 1 exactly, and rejects larger ones', async () => {
    const exact = JSON.stringify({ ...BLOCK, sequenceNumber: 'N' }).replace('"N"', '9223372036854775807');
    const { status, text } = await post('ipamblocks', exact);
    expect(status).toBe(201);
    expect(text).toContain('"sequenceNumber":9223372036854775807');
    const large = JSON.stringify(BLOCK).replace('"0":11', '"0":9223372036854775808');
    for (const spec of [exact.replace('807', '808'), large]) {
      expect((await post('ipamblocks', spec)).body['message']).toMatch(/must be of type int(?:64|eger)/);
    }
  });

  test('keeps the fraction of a claim time', async () => {
    const { body } = await post('ipamblocks', { ...BLOCK, affinityClaimTime: '2026-11-28T01:21:01.25Z' });
    expect(body['spec']).toMatchObject({ affinityClaimTime: '2026-11-28T01:21:01.25Z' });
  });

  test.each([
    ['ipamblocks', { ...BLOCK, attributes: null }, 'spec.attributes: Required value'],
    ['ipamblocks', without(BLOCK, 'strictAffinity'), 'spec.strictAffinity: Required value'],
    ['ipamblocks', { ...BLOCK, sequenceNumber: 1.5 }, /must be of type int(?:64|eger)/],
    ['ipamhandles', { ...HANDLE, block: null }, 'spec.block: Required value'],
  ])('of projectcalico.org rejects %s %j as well', async (plural, spec, wanted) => {
    const { status, body } = await post(plural, spec, 'projectcalico.org');
    expect({ status, message: body['message'] }).toEqual({ status: 422, message: expect.stringMatching(wanted) });
  });

  test('drops null in optional fields, and unknown fields', async () => {
    const { body } = await post('ipamblocks', { ...BLOCK, sequenceNumberForAllocation: null, ours: 'x' });
    expect(Object.keys(body['spec'] as Json)).not.toEqual(expect.arrayContaining(['ours']));
    expect(Object.keys(body['spec'] as Json)).not.toEqual(expect.arrayContaining(['sequenceNumberForAllocation']));
  });

  test('of projectcalico.org has defaults, a boolean in affinities and a pattern for owners', async () => {
    const v3 = 'projectcalico.org';
    const { deleted: _, ...claim } = AFFINITY;
    expect(await post('blockaffinities', claim, v3)).toMatchObject({ status: 201, body: { spec: { deleted: false } } });
    expect(await post('blockaffinities', AFFINITY, v3)).toMatchObject({ status: 422 });
    expect(await post('ipamblocks', BLOCK, v3)).toMatchObject({ status: 201 });
    expect(await post('ipamblocks', { ...BLOCK, affinity: 'node1' }, v3)).toMatchObject({ status: 422 });
    expect(await post('ipamblocks', { ...BLOCK, affinity: null }, v3)).toMatchObject({ status: 201 });
    expect(await post('ipamconfigurations', {}, v3)).toMatchObject({
      status: 201,
      body: { spec: { strictAffinity: false, autoAllocateBlocks: true, maxBlocksPerHost: 0 } },
    });
    expect(await post('ipamconfigurations', { maxBlocksPerHost: 1000001 }, v3)).toMatchObject({ status: 422 });
  });

  test('rejects a pool’s new CIDR, and a name that is not a DNS subdomain', async () => {
    const { body } = await post('ippools', { cidr: '10.1.0.0/16' });
    const { name } = body['metadata'] as { name: string };
    const changed = { ...body, spec: { ...(body['spec'] as Json), cidr: '10.2.0.0/16' } };
    const put = await ask('PUT', resourcePath('crd.projectcalico.org', 'ippools', name), changed);
    expect(put).toMatchObject({ status: 422, body: { message: expect.stringContaining('spec.cidr') } });
    const odd = { apiVersion: 'crd.projectcalico.org/v1', kind: 'IPAMHandle', metadata: { name: 'my_net.c1' } };
    const refused = await ask('POST', resourcePath('crd.projectcalico.org', 'ipamhandles'), { ...odd, spec: HANDLE });
    expect(refused).toMatchObject({ status: 422, body: { message: expect.stringContaining('metadata.name') } });
  });

  test('decides writes by resourceVersion: 409 for a stale PUT, the same version after a PUT that changes nothing', async () => {
    const { body: first } = await post('ipamhandles', HANDLE);
    const metadata = first['metadata'] as { name: string; resourceVersion: string };
    const path = resourcePath('crd.projectcalico.org', 'ipamhandles', metadata.name);
    const same = await ask('PUT', path, first);
    expect(same).toMatchObject({ status: 200, body: { metadata: { resourceVersion: metadata.resourceVersion } } });
    const next = { ...first, spec: { ...HANDLE, block: {} } };
    expect(await ask('PUT', path, next)).toMatchObject({ status: 200 });
    expect(await ask('PUT', path, next)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('the object has been modified') },
    });
    const { resourceVersion } = (await ask('GET', path)).body['metadata'] as { resourceVersion: string };
    const foreign = { ...next, metadata: { name: metadata.name, resourceVersion, uid: 'x' } };
    expect(await ask('PUT', path, foreign)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('UID in precondition: x') },
    });
    const bare = { ...next, metadata: { name: metadata.name } };
    expect(await ask('PUT', path, bare)).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('metadata.resourceVersion') },
    });
    expect((await ask('POST', resourcePath('crd.projectcalico.org', 'ipamhandles'), bare)).status).toBe(409);
    expect(
      (await ask('PUT', `${path}-none`, { ...next, metadata: { ...metadata, name: `${metadata.name}-none` } })).status,
    ).toBe(404);
  });

  test.each(['ipamblocks', 'blockaffinities', 'ipamhandles'])(
    'deletes %s only if unchanged since the read',
    async (plural) => {
      const spec = { ipamblocks: BLOCK, blockaffinities: AFFINITY, ipamhandles: HANDLE }[plural] ?? {};
      const { body } = await post(plural, spec);
      const { name, uid, resourceVersion } = body['metadata'] as Readonly<
        Record<'name' | 'uid' | 'resourceVersion', string>
      >;
      const path = resourcePath('crd.projectcalico.org', plural, name);
      const remove = (preconditions: Json) => ask('DELETE', path, { preconditions });
      expect(await remove({ uid, resourceVersion: '1' })).toMatchObject({
        status: 409,
        body: { message: expect.stringContaining('the ResourceVersion in the precondition (1)') },
      });
      expect(await remove({ uid: '0eb9', resourceVersion })).toMatchObject({
        status: 409,
        body: { message: expect.stringContaining('the UID in the precondition (0eb9)') },
      });
      expect(await remove({ uid, resourceVersion })).toMatchObject({ status: 200 });
      expect(await remove({ uid, resourceVersion })).toMatchObject({ status: 404 });
    },
  );

  test('lists in name order, and has no selector for spec fields', async () => {
    const path = resourcePath('crd.projectcalico.org', 'ipamblocks');
    const items = (await ask('GET', path)).body['items'] as readonly { metadata: { name: string } }[];
    const names = items.map(({ metadata }) => metadata.name);
    expect(names).toEqual([...names].sort());
    expect(await ask('GET', `${path}?fieldSelector=spec.affinity%3Dhost:node1`)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('field label not supported') },
    });
    expect(await ask('GET', resourcePath('crd.projectcalico.org', 'nosuchkinds'))).toMatchObject({ status: 404 });
  });

  test('does not serve a new kind at once', async () => {
    // How long each of the two lasts is the server's business.
    expect(waited.length).toBeGreaterThan(0);
    expect(waited.filter((status) => ![404, 429].includes(status))).toEqual([]);
  });
});
