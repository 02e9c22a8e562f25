import type { Family } from '../../shared/net/address.ts';
import type { Args } from '../command-line/args.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { type DetectionMethod, METHOD_OPTION, METHOD_VARIABLE, METHODS, readMethod } from './detection-method.ts';

/** The value of --ip and --ip6 for finding the address. */
export const AUTODETECT = 'autodetect';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a command line, or else the environment, says of a Node's address. */
export interface AddressSetting {
  readonly family: Family;
  /** An address, `autodetect`, `none`, or '' when nothing is said. */
  readonly text: string;
  readonly method: DetectionMethod;
}

export const ADDRESS_OPTION: Readonly<Record<Family, string>> = { 4: 'ip', 6: 'ip6' };
const VARIABLE: Readonly<Record<Family, string>> = { 4: 'IP', 6: 'IP6' };

/** Reads it. Throws when it is a method that is not known. */
export function addressSetting(args: Args, env: Environment, family: Family): AddressSetting {
  const text = args.text(ADDRESS_OPTION[family]) ?? env[VARIABLE[family]] ?? '';
  const [option, variable] = [METHOD_OPTION[family], METHOD_VARIABLE[family]];
  const named = args.text(option) ?? env[variable] ?? '';
  const method = readMethod(named);
  if (method !== undefined) return { family, text, method };
  const where = args.text(option) === undefined ? variable : `--${option}`;
  throw new UsageError(`${where}: Invalid IP autodetection method: ${named}\nIt must be one of: ${METHODS}`);
}
