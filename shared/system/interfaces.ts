/** The names of the interfaces in /proc/net/dev. */
export const interfacesIn = (text: string): readonly string[] =>
  [...text.matchAll(/^ *([^\s:]+):/gm)].map(([, name = '']) => name);
