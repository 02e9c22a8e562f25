/** Parses any YAML document; the library is loaded only where parsePlainYaml does not do. Throws its error. */
export async function parseYaml(text: string): Promise<unknown> {
  const { parse } = await import('./full-yaml.ts');
  return parse(text, { prettyErrors: false, logLevel: 'error' });
}
