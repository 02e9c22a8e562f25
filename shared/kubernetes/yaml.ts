/** Parses any YAML document; loads the library only when parsePlainYaml returns undefined. Throws the library's error. */
export async function parseYaml(text: string): Promise<unknown> {
  const { parse } = await import('./full-yaml.ts');
  return parse(text, { prettyErrors: false, logLevel: 'error' });
}
