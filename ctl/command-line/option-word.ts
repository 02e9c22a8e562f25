/** A word of a command line as an option: its name, '' if it is none, and the value after `=`. One or two dashes. */
export function optionWord(word: string): { readonly name: string; readonly value: string | undefined } {
  const [, name = '', value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  return { name, value };
}
