import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patch } from '../../../ctl/change/patch.ts';
import { write } from '../../../ctl/change/write.ts';
import { resourcesOf } from '../../../ctl/documents/documents.ts';
import { KINDS } from '../../../ctl/kinds/kinds.ts';
import { Bare } from '../../../ctl/resource/bare.ts';
import type { Fields } from '../../../ctl/resource/resource.ts';
import { parseJson } from '../../../shared/calico/json.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { Failure } from '../../../shared/error/failure.ts';
import { silent } from '../../../shared/log/log.ts';
import { type Connection, connected } from '../../support/fake-datastore/connection.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

const RUNS = 400;
const PATIENCE_MS = 60_000;
const stamp = { now: 0n, uid: () => 'u' };
const options = (store: Connection) => ({ store, world: fakeWorld({}), log: silent, deadline: 1_000 });

/** Names of known fields, so that odd values get to where they could do harm. */
const FIELDS = [...new Set(KINDS.flatMap(({ rules }) => Object.keys(rules?.spec.fields ?? {})))];
/** The tier that policies need. It is left out of what is stored, unless it changed. */
const TIER = { '/calico/resources/v3/projectcalico.org/tiers/default': '{"metadata":{"name":"default"},"spec":{}}' };
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    '10.0.0.0/24',
    'fd00::/64',
    'all()',
    'Never',
    26,
    12345678901234567890n,
    ['Workload'],
    { a: 'b' },
    null,
    [null],
  ),
  fc.constantFrom(new Bare('yes', 'yes'), new Bare('0x10', 16), new Bare('True', true)),
);
const fields = fc.dictionary(
  fc.oneof(fc.constantFrom(...FIELDS, 'name', 'namespace', 'labels', 'cidr'), fc.string()),
  odd,
  { maxKeys: 4 },
);
const document = fc.record({
  apiVersion: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('projectcalico.org/v3', 'projectcalico.org/v3', 'v1') },
    odd,
  ),
  kind: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...KINDS.map(({ name }) => name)) }, odd),
  metadata: fc.oneof({ weight: 3, arbitrary: fc.constant({ name: 'n' }) }, fields, odd),
  spec: fc.oneof({ weight: 3, arbitrary: fields }, odd),
});

/** What was stored; undefined when it was refused with a message for users. */
async function stored(given: unknown): Promise<Record<string, string> | undefined> {
  const store = connected(TIER);
  try {
    for (const { kind, resource } of resourcesOf([given])) {
      const request = { manner: 'apply', kind, given: resource, stamp } as const;
      await transact(options(store), () => write(request));
    }
    const [[key, value] = ['', '']] = Object.entries(TIER);
    return Object.fromEntries(Object.entries(store.dump()).filter(([its, now]) => its !== key || now !== value));
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Failure);
    return undefined;
  }
}

describe('for any document', () => {
  test(
    'it is stored as JSON at a key of its kind, or refused with a message',
    async () => {
      await fc.assert(
        fc.asyncProperty(document, async (given) => {
          for (const [key, value] of Object.entries((await stored(given)) ?? {})) {
            expect(key).toMatch(
              /^\/calico\/(?:ipam\/v2\/config$|resources\/v3\/projectcalico\.org\/[a-z]+(?:\/[-.a-z0-9]+){1,2}$)/,
            );
            expect(() => JSON.parse(value)).not.toThrow();
          }
        }),
        { numRuns: RUNS },
      );
    },
    PATIENCE_MS,
  );

  test(
    'what is stored can be read, and stored again unchanged',
    async () => {
      let repeated = 0;
      await fc.assert(
        fc.asyncProperty(document, async (given) => {
          const first = await stored(given);
          const own = Object.entries(first ?? {}).find(([key]) => key.includes('/resources/'));
          if (own === undefined) return;
          repeated++;
          expect(await stored(parseJson(...own))).toEqual(first);
        }),
        { numRuns: RUNS },
      );
      expect(repeated).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  test(
    'a patch is carried out, or refused with a message',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(fc.record({ spec: fields }), fc.record({ metadata: fields }), fields),
          async (change) => {
            const store = connected(
              (await stored({
                apiVersion: 'projectcalico.org/v3',
                kind: 'IPPool',
                metadata: { name: 'n' },
                spec: { cidr: '10.0.0.0/24' },
              })) ?? {},
            );
            const pool = KINDS.find(({ name }) => name === 'IPPool');
            if (pool === undefined) throw new Error('no pools');
            try {
              await transact(options(store), () => patch(pool, { name: 'n' }, change as Fields, stamp));
            } catch (thrown) {
              expect(thrown).toBeInstanceOf(Failure);
            }
            for (const value of Object.values(store.dump())) expect(JSON.parse(value).spec.cidr).toBe('10.0.0.0/24');
          },
        ),
        { numRuns: RUNS },
      );
    },
    PATIENCE_MS,
  );
});
