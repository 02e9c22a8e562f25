import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { version } from './bundle.ts';
import { build, folderOf, NAMES } from './executables.ts';
import { type ImagePart, ociImage } from './oci-image.ts';
import { DIST } from './places.ts';
import { reasonOf, say } from './say.ts';
import { nativeTarget, TARGETS, type Target } from './targets.ts';

/** What `npm run image [-- --name REFERENCE]` makes, without docker. */
const FILE = join(DIST, 'calico-cni-image.tar');

async function partFor(target: Target): Promise<ImagePart> {
  await build(target);
  return { target, executable: readFileSync(join(folderOf(target), 'calico')) };
}

/** For both processors, if both executables can be built here. */
async function partsHere(): Promise<readonly ImagePart[]> {
  const native = nativeTarget();
  const parts = [await partFor(native)];
  for (const target of Object.values(TARGETS).filter((one) => one !== native)) {
    try {
      parts.push(await partFor(target));
    } catch (error) {
      say(`Without ${target.name}, whose executable cannot be built here: ${reasonOf(error)}`);
    }
  }
  return parts.toSorted((one, other) => one.target.debian.localeCompare(other.target.debian));
}

try {
  const { values } = parseArgs({ options: { name: { type: 'string', short: 'n' } } });
  const reference = values.name ?? `localhost/calico-cni:${version}`;
  if (!/^[^\s:]+(?::\d+)?[^\s:]*:[^\s:/]+$/.test(reference)) throw new Error(`--name ${reference} must end with a tag`);
  const parts = await partsHere();
  const image = ociImage(parts, NAMES, reference);
  writeFileSync(FILE, image);
  say(`Made ${FILE}: ${reference} for ${parts.map(({ target }) => target.debian).join(' and ')}`);
} catch (error) {
  say(reasonOf(error));
  process.exitCode = 1;
}
