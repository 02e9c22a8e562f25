import { platform } from '#platform';
import { failure } from '../../shared/error/failure.ts';
import { errnoName } from '../../shared/system/errno.ts';
import { run } from '../../shared/system/exec.ts';
import { folderOf } from '../../shared/system/file-name.ts';
import { exists, makeFolder, readText, removeFile } from '../../shared/system/files.ts';
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

/** Replaces BIRD's configuration by one that it accepts. One that it refuses is kept aside, and a Failure thrown; the old one stays. */
export async function placeConfiguration(path: string, text: string, check: Acceptance): Promise<void> {
  const [draft, refused] = [`${path}.new`, `${path}.refused`];
  makeFolder(folderOf(path), 0o755);
  for (const left of [draft, `${draft}~`]) removeFile(left);
  // It may hold passwords.
  writeRootFile(draft, `${draft}~`, text, false);
  if (exists(path)) copyOwner(path, draft);
  const complaint = await check(draft);
  if (complaint === undefined) {
    platform.rename(draft, path);
    removeFile(refused);
    return;
  }
  platform.rename(draft, refused);
  throw failure(
    `BIRD refuses the configuration that was generated for it: ${complaint.replaceAll(draft, refused)}`,
    `it is kept in ${refused}; BIRD goes on with the one before`,
  );
}

/** A BIRD that is not root reads its file as its own user. */
function copyOwner(from: string, to: string): void {
  const [old, fresh] = [platform.status(from), platform.status(to)];
  if (old?.uid === fresh?.uid && old?.mode === fresh?.mode) return;
  const { status, stderr } = run('cp', ['--attributes-only', '--preserve=mode,ownership', from, to], {});
  if (status !== 0) throw failure(`cannot give ${to} the owner of ${from}`, stderr.trim());
}
