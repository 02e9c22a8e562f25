const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** JSON as a CNI plugin prints it: four spaces of indentation, no newline at the end, Go's escaping of <, > and &. */
export function printJson(value: unknown): string {
  return JSON.stringify(value, null, 4).replace(/[<>&\u2028\u2029]/g, (char) => ESCAPES[char] ?? char);
}
