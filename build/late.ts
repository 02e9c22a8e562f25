import { parseAst } from 'rolldown/parseAst';

/** A file of the bundle, as far as it is changed here. */
interface File {
  readonly file: string;
  readonly text: string;
  readonly imports: readonly string[];
}

/**
 * Makes the files in `late` load when one of their functions is called for the first time: instead of importing such a function, a
 * file gets one of the same name that loads the other file, and passes the call on. So they may have nothing but functions that
 * others import. Nothing else loads these files: the engine would have them twice. No file may
 * call them while it is itself being loaded.
 */
export function loadLate<T extends File>(files: readonly T[], late: readonly string[]): readonly T[] {
  const functions = new Map(files.filter(({ file }) => late.includes(file)).map((one) => [one.file, functionsOf(one)]));
  return files.map((one) => ({
    ...one,
    text: late.reduce(
      (text, file) => text.replaceAll(`import("./${file}")`, `Promise.resolve("${file}").then(calicoHost.loadNow)`),
      withoutImports(one, functions),
    ),
    imports: one.imports.filter((file) => !functions.has(file)),
  }));
}

/** The names by which a file exports functions. */
function functionsOf({ text }: File): ReadonlySet<string> {
  const { body } = parseAst(text);
  const local = new Set<string>();
  for (const one of body) {
    if (one.type === 'FunctionDeclaration' && one.id !== null) local.add(one.id.name);
    if (one.type !== 'VariableDeclaration') continue;
    for (const { id, init } of one.declarations)
      if (id.type === 'Identifier' && init?.type === 'ArrowFunctionExpression') local.add(id.name);
  }
  const exported = body.flatMap((one) => (one.type === 'ExportNamedDeclaration' ? one.specifiers : []));
  return new Set(exported.filter((one) => local.has(nameOf(one.local))).map((one) => nameOf(one.exported)));
}

function withoutImports({ file, text }: File, late: ReadonlyMap<string, ReadonlySet<string>>): string {
  const imports = parseAst(text).body.filter((one) => one.type === 'ImportDeclaration');
  const changed = imports.filter(({ source }) => late.has(nameOfFile(source.value)));
  // From the end, so that the positions before stay true.
  const rest = changed
    .toReversed()
    .reduce((before, { start, end }) => before.slice(0, start) + before.slice(end), text);
  const calls = changed.flatMap(({ source: { value }, specifiers }, index) => {
    const from = nameOfFile(value);
    const loaded = `late$${index}`;
    const each = specifiers.map((specifier) => {
      const name = specifier.type === 'ImportSpecifier' ? nameOf(specifier.imported) : '*';
      const local = specifier.local.name;
      if (!late.get(from)?.has(name)) throw new Error(`${file} imports ${local} of ${from}, ${WHY}`);
      return `function ${local}(...args) { return (${loaded} ??= calicoHost.loadNow("${from}")).${name}(...args); }\n`;
    });
    return [`var ${loaded};\n`, ...each];
  });
  return rest + calls.join('');
}

const WHY = 'which is loaded late, and so may export nothing but functions';

const nameOfFile = (path: string) => path.replace('./', '');

const nameOf = (one: { readonly type: string }): string =>
  'name' in one ? String(one.name) : 'value' in one ? String(one.value) : '';
