import { failure } from '../../shared/error/failure.ts';
import { UsageError } from '../command-line/usage-error.ts';
import type { Kind, Listed, Surroundings } from '../kinds/kind.ts';
import { type AnyResource, API_VERSION } from '../resource/resource.ts';
import { textOf } from '../resource/shape.ts';
import { formatJson } from '../text/json.ts';
import { columns } from '../text/table.ts';
import { formatYaml } from '../text/yaml.ts';

/** What was found: the list of a kind, or a resource by name. */
export type Found = Listed | { readonly kind: Kind; readonly resource: AnyResource };

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

/** The text of results. `withNamespace` adds a column for kinds that have namespaces. */
export function formatted(
  found: readonly Found[],
  format: Format,
  around: Surroundings,
  withNamespace: boolean,
): string {
  if (format.style === 'json') return `${formatJson(asValue(found))}\n`;
  if (format.style === 'yaml') return formatYaml(asValue(found));
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const resources = found.filter((each) => each.kind === kind).flatMap(resourcesIn);
      if (format.style === 'name') return names(kind, resources);
      return `${table(kind, resources, headingsOf(kind, format, withNamespace), around)}\n`;
    })
    .join('');
}

const resourcesIn = (found: Found): readonly AnyResource[] =>
  'resource' in found ? [found.resource] : found.resources;

/** A single result as it is, several as an array. */
function asValue(found: readonly Found[]): unknown {
  const values = found.map((each) => ('resource' in each ? each.resource : listOf(each)));
  return values.length === 1 ? values[0] : values;
}

const listOf = ({ kind, resources, version }: Listed) => ({
  kind: `${kind.name}List`,
  apiVersion: API_VERSION,
  metadata: { resourceVersion: version },
  items: resources,
});

const names = (kind: Kind, resources: readonly AnyResource[]): string =>
  resources.map(({ metadata }) => `${kind.name.toLowerCase()}/${textOf(metadata.name)}\n`).join('');

function headingsOf(kind: Kind, { style, headings }: Format, withNamespace: boolean): readonly string[] {
  const own = { ps: kind.usual, wide: kind.wide, columns: headings }[style as 'ps' | 'wide' | 'columns'];
  return withNamespace && 'NAMESPACE' in kind.columns ? ['NAMESPACE', ...own] : own;
}

function table(kind: Kind, resources: readonly AnyResource[], headings: readonly string[], around: Surroundings) {
  const cells = headings.map((heading) => {
    const cell = kind.columns[heading];
    if (cell !== undefined) return cell;
    throw failure(`Unknown heading ${heading}, valid values are: ${Object.keys(kind.columns).join(', ')}`);
  });
  return columns([headings, ...resources.map((resource) => cells.map((cell) => cell(resource, around)))]);
}
