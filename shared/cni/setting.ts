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
