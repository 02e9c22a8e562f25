import { failure } from '../error/failure.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A setting of Calico's by the name of its variable. */
export type ReadSetting = (name: string, configured?: string) => string;

/**
 * Settings as Calico reads them: a CALICO_ variable beats the network configuration, which beats the plain variable; '' when
 * none says anything. Go looks a variable up, so that an empty CALICO_ one counts; empty values of the configuration do not.
 */
export const settingsOf =
  (env: Environment): ReadSetting =>
  (name, configured = '') =>
    env[`CALICO_${name}`] ?? (configured || (env[name] ?? ''));

/** A setting that is a boolean, parsed like Go. Throws a Failure naming the variable. */
export function flagOf(setting: ReadSetting, name: string): boolean {
  const text = setting(name);
  if (['', '0', 'f', 'F', 'false', 'False', 'FALSE'].includes(text)) return false;
  if (['1', 't', 'T', 'true', 'True', 'TRUE'].includes(text)) return true;
  throw failure(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`, name);
}
