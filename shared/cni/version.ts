import { Failure } from '../error/failure.ts';
import { quote, quoteAll } from './quote.ts';

/** The newest supported version of the CNI specification; VERSION returns it as `cniVersion`. */
export const NEWEST = '1.1.0';

/** Every version of the specification that a configuration may name. */
export const ALL_VERSIONS: readonly string[] = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', NEWEST];

const PARTS = ['major', 'minor', 'micro'] as const;

/** Major, minor and micro; missing ones are 0. Throws code 6 for anything except numbers separated by dots. */
function parseVersion(version: string): readonly number[] {
  const parts = version.split('.');
  if (parts.length > PARTS.length) {
    throw new Failure('cannot decode', `invalid version ${quote(version)}: too many parts`);
  }
  return PARTS.map((name, index) => {
    const part = parts[index] ?? '0';
    if (/^[+-]?\d{1,15}$/.test(part)) return Number(part);
    const why = `strconv.Atoi: parsing ${quote(part)}: invalid syntax`;
    throw new Failure('cannot decode', `failed to convert ${name} version part ${quote(part)}: ${why}`);
  });
}

/** Whether `version` is `other` or newer. */
export function atLeast(version: string, other: string): boolean {
  const left = parseVersion(version);
  const right = parseVersion(other);
  const differing = left.findIndex((part, index) => part !== right[index]);
  return differing === -1 || (left[differing] ?? 0) > (right[differing] ?? 0);
}

/** Refuses a configuration whose version this plugin does not support (code 1). */
export function requireVersion(version: string, supported: readonly string[]): void {
  if (supported.includes(version)) return;
  const where = `config is ${quote(version)}, plugin supports ${quoteAll(supported)}`;
  throw new Failure('incompatible version', 'incompatible CNI versions', { where });
}

/** Refuses a verb that is newer than the configuration's version, or a version newer than this plugin's (code 1). */
export function requireVerb(verb: string, since: string, version: string, supported: readonly string[]): void {
  if (!atLeast(version, since)) {
    throw new Failure('incompatible version', `config version does not allow ${verb}`);
  }
  if (!supported.some((ours) => atLeast(ours, version))) {
    throw new Failure('incompatible version', `plugin version does not allow ${verb}`);
  }
}
