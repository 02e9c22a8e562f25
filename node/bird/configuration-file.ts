import { platform } from '#platform';
import { failure } from '../../shared/error/failure.ts';
import { errnoName } from '../../shared/system/errno.ts';
import { folderOf } from '../../shared/system/file-name.ts';
import { exists, makeFolder, readText, removeFile, rewriteText } from '../../shared/system/files.ts';
import { writeRootFile } from '../../shared/system/root-file.ts';

/** Answers what BIRD has against a file; undefined when it accepts it. */
export type Acceptance = (path: string) => Promise<string | undefined>;

/** Whether a file has this text already. */
export function holds(path: string, text: string): boolean {
  try {
    return readText(path) === text;
  } catch (thrown) {
    if (errnoName(thrown) === undefined) throw thrown;
    return false;
  }
}

/**
 * Replaces the configuration of a BIRD of our own by one that it accepts. One that it refuses is kept aside, and a Failure thrown; the
 * old one stays.
 */
export async function replaceConfiguration(path: string, text: string, check: Acceptance): Promise<void> {
  makeFolder(folderOf(path), 0o755);
  judge(path, await replaced(path, text, check));
}

/**
 * The same for somebody else's BIRD, which may read its file as a user of its own: the file stays the same one, so that its owner and
 * group do.
 */
export async function overwriteConfiguration(path: string, text: string, check: Acceptance): Promise<void> {
  if (!exists(path)) return replaceConfiguration(path, text, check);
  judge(path, await overwritten(path, text, check));
}

function judge(path: string, complaint: string | undefined): void {
  const refused = `${path}.refused`;
  if (complaint === undefined) {
    removeFile(refused);
    return;
  }
  throw failure(
    `BIRD refuses the configuration that was generated for it: ${complaint}`,
    `it is kept in ${refused}; BIRD goes on with the one before`,
  );
}

/** Puts a file that was checked in place of the one before. */
async function replaced(path: string, text: string, check: Acceptance): Promise<string | undefined> {
  const [draft, refused] = [`${path}.new`, `${path}.refused`];
  for (const left of [draft, `${draft}~`]) removeFile(left);
  // It may hold passwords.
  writeRootFile(draft, `${draft}~`, text, false);
  const complaint = await check(draft);
  platform.rename(draft, complaint === undefined ? path : refused);
  return complaint?.replaceAll(draft, refused);
}

async function overwritten(path: string, text: string, check: Acceptance): Promise<string | undefined> {
  const [refused, before] = [`${path}.refused`, readText(path)];
  rewriteText(path, text);
  const complaint = await check(path);
  if (complaint === undefined) return undefined;
  rewriteText(path, before);
  removeFile(refused);
  writeRootFile(refused, `${refused}~`, text, false);
  return complaint.replaceAll(path, refused);
}
