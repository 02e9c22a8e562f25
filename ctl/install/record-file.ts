import { VERSION } from '../../shared/call/version.ts';
import { carryOut } from './carry-out.ts';
import { textOf } from './files.ts';
import { formatRecord, type InstallRecord, parseRecord, recordPath } from './record.ts';
import type { Settings } from './settings.ts';

/** The node's record; undefined if it is not there, or cannot be read. */
export function parsedRecord(settings: Settings): InstallRecord | undefined {
  const path = recordPath(settings);
  try {
    const text = textOf(path);
    return text === '' ? undefined : parseRecord(text, path);
  } catch {
    return undefined;
  }
}

/** Writes the record that was there, if there is none any more that can be read. Returns notes. */
export function restoreRecord(settings: Settings, before: InstallRecord | undefined, tag: string): readonly string[] {
  if (before === undefined || parsedRecord(settings) !== undefined) return [];
  const path = recordPath(settings);
  carryOut({ do: 'write', path, text: formatRecord(VERSION, before), mode: 0o600 }, tag);
  return [`${path} was gone or damaged: written again`];
}
