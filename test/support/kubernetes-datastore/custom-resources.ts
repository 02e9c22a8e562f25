import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { Ask } from '../kubernetes/api-client.ts';

/** The API group that Calico's objects are in. */
export type Group = 'crd.projectcalico.org' | 'projectcalico.org';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const FOLDER = join(import.meta.dirname, '../../testdata/crds');

const VERSIONS: Readonly<Record<Group, string>> = { 'crd.projectcalico.org': 'v1', 'projectcalico.org': 'v3' };

/** e.g. crd.projectcalico.org/v1 */
export const apiVersionOf = (group: Group): string => `${group}/${VERSIONS[group]}`;

/** The path of a plural's objects, or of one of them. */
export const resourcePath = (group: Group, plural: string, name?: string): string =>
  `/apis/${apiVersionOf(group)}/${plural}${name === undefined ? '' : `/${name}`}`;

/** The plural of IPAM's configuration. */
export const configPlural = (group: Group): string =>
  group === 'projectcalico.org' ? 'ipamconfigurations' : 'ipamconfigs';

/** Defines the kinds of a group, and waits until all are served. Returns how often it had to wait. */
export async function defineKinds(ask: Ask, group: Group): Promise<readonly number[]> {
  const folder = join(FOLDER, group);
  const definitions = readdirSync(folder).map((file) => parse(readFileSync(join(folder, file), 'utf8')));
  await Promise.all(definitions.map((definition) => expectCreated(ask, definition)));
  const plurals = definitions.map((definition) => String(definition.spec.names.plural));
  return (await Promise.all(plurals.map((plural) => untilServed(ask, resourcePath(group, plural))))).flat();
}

async function expectCreated(ask: Ask, definition: object): Promise<void> {
  const { status, text } = await ask('POST', DEFINITIONS, definition);
  if (status !== 201 && status !== 409) throw new Error(`POST ${DEFINITIONS}: ${status} ${text}`);
}

/** Removes them with all their objects, and waits until they are gone. */
export async function removeKinds(ask: Ask, group: Group, ...plurals: readonly string[]): Promise<void> {
  for (const plural of plurals) {
    await ask('DELETE', `${DEFINITIONS}/${plural}.${group}`);
    await until(async () => (await ask('GET', resourcePath(group, plural))).status === 404, `${plural} to be gone`);
  }
}

/** The statuses of refused lists: 404 until the kind is known, then 429 while its storage is created. */
async function untilServed(ask: Ask, path: string): Promise<readonly number[]> {
  const refused: number[] = [];
  await until(async () => {
    // From its cache, which is ready last.
    const { status } = await ask('GET', `${path}?resourceVersion=0`);
    if (status === 200) return true;
    refused.push(status);
    return false;
  }, `${path} to be served`);
  return refused;
}

/** Waits up to 20 s for something. */
export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error(`waited 20 s for ${what}`);
}
