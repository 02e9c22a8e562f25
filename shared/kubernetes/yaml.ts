/** Parses a YAML document; the library is loaded only when asked for, as most kubeconfigs of CNI plugins are. Throws its error. */
export async function parseYaml(text: string): Promise<unknown> {
  const { parse } = await import('yaml');
  // Years, versions and the like stay what they are in Go's reader of kubeconfigs; aliases are limited by the library.
  return parse(text, { prettyErrors: false, logLevel: 'error' });
}
