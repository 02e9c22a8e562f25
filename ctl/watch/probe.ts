/** What a container's probes ask. */
export type ContainerProbe = 'ready' | 'live';

/** The probe that these arguments are; undefined for anything else. */
export function probeOf(argv: readonly string[]): ContainerProbe | undefined {
  const [word, ...more] = argv;
  if (more.length > 0) return undefined;
  return word === '--ready' ? 'ready' : word === '--live' ? 'live' : undefined;
}
