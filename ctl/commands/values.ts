import type { Kind, Listed } from '../kinds/kind.ts';
import { type AnyResource, API_VERSION } from '../resource/resource.ts';
import { formatJson } from '../text/json.ts';
import { formatYaml } from '../text/yaml.ts';

type Style = 'json' | 'yaml';

/** What was found: the list of a kind, or a resource by name. */
export type Found = Listed | { readonly kind: Kind; readonly resource: AnyResource };

/** Results as JSON or YAML: a single one as it is, several as an array. */
export function valuesText(found: readonly Found[], style: Style): string {
  const values = found.map((each) => ('resource' in each ? each.resource : listOf(each)));
  const value = values.length === 1 ? values[0] : values;
  return style === 'json' ? `${formatJson(value)}\n` : formatYaml(value);
}

const listOf = ({ kind, resources, version }: Listed) => ({
  kind: `${kind.name}List`,
  apiVersion: API_VERSION,
  metadata: { resourceVersion: version },
  items: resources,
});

/** The text of a list that is made page by page. */
export interface ListText {
  /** What a page adds to the text. */
  page(page: Listed): string;
  /** The rest, after the last page. */
  end(): string;
}

/** The text that `valuesText` makes of all pages as one list. The version is that of the first page with resources. */
export function listText(style: Style): ListText {
  const { empty, open, item, separator, close } = PARTS[style];
  let [head, end] = ['', ''];
  let isOpen = false;
  return {
    page: (page) => {
      if (!isOpen) [head = '', end = ''] = valuesText([{ ...page, resources: [] }], style).split(empty);
      if (page.resources.length === 0) return '';
      const before = isOpen ? separator : `${head}${open}`;
      isOpen = true;
      return `${before}${page.resources.map(item).join(separator)}`;
    },
    end: () => `${isOpen ? close : `${head}${empty}`}${end}`,
  };
}

/** How an empty list is written, and one that is not. */
const PARTS = {
  json: {
    empty: '[]',
    open: '[\n    ',
    item: (resource: AnyResource) => formatJson(resource, '    '),
    separator: ',\n    ',
    close: '\n  ]',
  },
  yaml: {
    empty: ' []\n',
    open: '\n',
    item: (resource: AnyResource) => formatYaml([resource]),
    separator: '',
    close: '',
  },
} as const;
