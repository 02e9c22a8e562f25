import { toFailure } from '../../shared/error/failure-context.ts';
import { programPath, runFile } from '../../shared/system/exec.ts';
import { exists, isLink, namesInFolder, readText, statusOf } from '../../shared/system/files.ts';
import type { World } from '../../shared/system/world.ts';
import { PASSWORD_FOLDER } from '../bird/password-source.ts';
import type { Diagnostics } from './collection.ts';
import { FILES, FOLDERS, PROGRAMS, type Program, SECRET_FILES } from './sources.ts';

/** How long one program may take. */
const PROGRAM_MS = 10_000;
/** Larger files are read from their end. */
const LARGEST = 1 << 20;
const MOST_LOGS = 20;

/** Collects what this machine shows without Calico’s datastore. `isLate`: no time is left for programs. */
export function collectMachine(into: Diagnostics, world: World, logFolder: string, isLate: () => boolean): void {
  learnSecrets(into, world);
  for (const path of [...FILES, ...FOLDERS.flatMap(filesOf)]) addFile(path, `files${path}`, into);
  for (const path of newestLogs(logFolder)) addFile(path, `logs${path.slice(logFolder.length)}`, into);
  for (const program of PROGRAMS) {
    if (isLate()) into.leaveOut(program.name, 'no time was left');
    else addProgram(program, into, world);
  }
}

function learnSecrets(into: Diagnostics, { env }: World): void {
  for (const [name, value] of Object.entries(env)) into.learn(`${name}=${value ?? ''}`);
  const named = (env['KUBECONFIG'] ?? '').split(':').filter((path) => path.startsWith('/'));
  for (const path of [...SECRET_FILES, ...named]) learnFile(path, into, path.endsWith('/token'));
  for (const secret of namesIn(PASSWORD_FOLDER)) {
    for (const key of namesIn(`${PASSWORD_FOLDER}/${secret}`)) {
      learnFile(`${PASSWORD_FOLDER}/${secret}/${key}`, into, true);
    }
  }
}

const filesOf = ([folder, endings]: (typeof FOLDERS)[number]): readonly string[] =>
  namesIn(folder)
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => `${folder}/${name}`);

function learnFile(path: string, into: Diagnostics, isSecret: boolean): void {
  const text = read(path, into);
  if (text === undefined) return;
  // What is nothing but a secret has no name that says so.
  into.learn(isSecret ? `password=${text.trim()}` : text);
}

function addFile(path: string, name: string, into: Diagnostics): void {
  const text = read(path, into);
  if (text !== undefined) into.add(name, text);
}

/** Undefined when there is no such file. */
function read(path: string, into: Diagnostics): string | undefined {
  if (!exists(path)) return undefined;
  try {
    const status = statusOf(path);
    if (status?.isFile !== true) return undefined;
    return status.size > LARGEST ? endOf(path) : readText(path);
  } catch (thrown) {
    into.leaveOut(path, thrown instanceof Error ? thrown.message : String(thrown));
    return undefined;
  }
}

function endOf(path: string): string {
  const { stdout } = runFile(programPath('tail'), ['-c', `${LARGEST}`, path], { timeout: PROGRAM_MS });
  return stdout;
}

function namesIn(folder: string): readonly string[] {
  try {
    return [...namesInFolder(folder)].sort();
  } catch {
    return [];
  }
}

/** The files that were written last, in the folder and in those in it. */
function newestLogs(folder: string): readonly string[] {
  const within = (path: string): readonly string[] => namesIn(path).map((name) => `${path}/${name}`);
  const found = within(folder).flatMap((path) =>
    statusOf(path)?.isFolder === true && !isLink(path) ? within(path) : [path],
  );
  const logs = found.flatMap((path) => {
    const status = statusOf(path);
    return status?.isFile === true ? [{ path, writtenAt: status.writtenAt }] : [];
  });
  return logs
    .sort((a, b) => (a.writtenAt > b.writtenAt ? -1 : 1))
    .slice(0, MOST_LOGS)
    .map(({ path }) => path);
}

function addProgram({ name, words: [program = '', ...args] }: Program, into: Diagnostics, { env }: World): void {
  try {
    const { status, stdout, stderr, errno } = runFile(programPath(program, env), args, { timeout: PROGRAM_MS });
    const how = errno ?? (status === 0 ? '' : `status ${status}`);
    into.add(name, [`$ ${[program, ...args].join(' ')}\n`, stdout, stderr, how === '' ? '' : `${how}\n`].join(''));
  } catch (thrown) {
    into.leaveOut(name, toFailure(thrown, `running ${program}`).message);
  }
}
