import { UsageError } from '../command-line/usage-error.ts';

/** How results are printed: the value of `-o`. */
export interface Format {
  readonly style: 'ps' | 'wide' | 'name' | 'json' | 'yaml' | 'columns';
  readonly headings: readonly string[];
}

/** Reads `-o`. Throws for an unknown format. */
export function formatOf(text: string): Format {
  const [style = '', value = ''] = text.split(/=(.*)/s);
  if (style === 'custom-columns') {
    if (value === '') throw new UsageError('need to specify at least one column');
    return { style: 'columns', headings: value.split(',').map((heading) => heading.trim().toUpperCase()) };
  }
  if (/^go-template(?:-file)?$/.test(style)) {
    throw new UsageError('go-template is not supported: use -o custom-columns=…, or -o json with jq');
  }
  const styles = ['ps', 'wide', 'name', 'json', 'yaml'] as const;
  const found = styles.find((one) => one === (text === 'yml' ? 'yaml' : text));
  if (found === undefined) throw new UsageError(`unrecognized output format '${text}'`);
  return { style: found, headings: [] };
}

/** Whether results are shown in columns, or by their names; otherwise as JSON or YAML. */
export const isTable = ({ style }: Format): boolean => style !== 'json' && style !== 'yaml';
