/**
 * Writes shared/etcd/generated-rpc.ts, the codec for the part of etcd's API that we use, from the protos in the etcd3 package:
 * npm run codec
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';

const OUTPUT = process.argv[2] ?? join(import.meta.dirname, '../shared/etcd/generated-rpc.ts');

/** Messages that we write, with the fields that we set. */
const WRITTEN: Record<string, readonly string[]> = {
  RangeRequest: ['key', 'rangeEnd', 'limit', 'revision', 'keysOnly', 'countOnly'],
  PutRequest: ['key', 'value'],
  DeleteRangeRequest: ['key'],
  RequestOp: ['requestRange', 'requestPut', 'requestDeleteRange'],
  Compare: ['result', 'target', 'key', 'modRevision'],
  TxnRequest: ['compare', 'success', 'failure'],
  AuthenticateRequest: ['name', 'password'],
  StatusRequest: [],
  WatchCreateRequest: ['key', 'rangeEnd', 'startRevision', 'progressNotify'],
  WatchRequest: ['createRequest'],
  AlarmRequest: ['action', 'memberID', 'alarm'],
};

/** Messages that we read, with the fields that we use. Other fields are skipped. */
const READ: Record<string, readonly string[]> = {
  ResponseHeader: ['clusterId', 'memberId', 'revision'],
  KeyValue: ['key', 'modRevision', 'value'],
  RangeResponse: ['kvs', 'more', 'count'],
  ResponseOp: ['responseRange'],
  TxnResponse: ['header', 'succeeded', 'responses'],
  AuthenticateResponse: ['token'],
  StatusResponse: ['header', 'version', 'dbSize', 'leader', 'errors'],
  Event: ['type', 'kv'],
  WatchResponse: ['header', 'watchId', 'created', 'canceled', 'compactRevision', 'cancelReason', 'events'],
  AlarmMember: ['memberID', 'alarm'],
  AlarmResponse: ['alarms'],
};

/** Messages whose types are also used outside the calls. */
const EXPORTED = ['TxnRequest', 'RequestOp', 'ResponseOp', 'WatchResponse'];

/** The RPCs offered. Those not called yet are marked for the check of unused exports. */
const METHODS: Record<string, readonly string[]> = {
  KV: ['Txn'],
  Watch: ['Watch'],
  Auth: ['Authenticate'],
  Maintenance: ['Status', 'Alarm'],
};

const folder = dirname(createRequire(import.meta.url).resolve('etcd3/package.json'));
const root = new protobuf.Root();
for (const name of ['kv', 'auth', 'rpc']) {
  protobuf.parse(readFileSync(join(folder, `proto/${name}.proto`), 'utf8'), root);
}
root.resolveAll();

const TYPES: Record<string, string> = {
  bytes: 'string',
  string: 'string',
  bool: 'boolean',
  int64: 'number',
  uint64: 'bigint',
};
const DEFAULTS: Record<string, string> = { bytes: "''", string: "''", bool: 'false', int64: '0', uint64: '0n' };
const READERS: Record<string, string> = {
  bytes: 'readText(from)',
  string: 'readText(from)',
  bool: 'readVarint(from) !== 0',
  int64: 'readVarint(from)',
  uint64: 'readVarint64(from)',
};

/** The type of a field that is not a scalar: its message or enum, without the package. */
const named = (field: protobuf.Field) => field.resolvedType?.name ?? '';
const isEnum = (field: protobuf.Field) => field.resolvedType instanceof protobuf.Enum;
const isScalar = (field: protobuf.Field) => field.resolvedType === null;
const wireType = (field: protobuf.Field) => (isEnum(field) || ['bool', 'int64', 'uint64'].includes(field.type) ? 0 : 2);
const tag = (field: protobuf.Field) => field.id * 8 + wireType(field);
const oneType = (field: protobuf.Field) =>
  isEnum(field) ? 'number' : isScalar(field) ? (TYPES[field.type] ?? '') : named(field);

function fieldsOf(message: string, names: readonly string[]): protobuf.Field[] {
  const type = root.lookupType(message);
  return names.map((name) => {
    const field = type.fields[name];
    if (!field) throw new Error(`${message} has no field ${name}; it has ${Object.keys(type.fields)}`);
    return field;
  });
}

function writtenMessage(message: string, fields: readonly protobuf.Field[]): string {
  const members = fields.map((field) =>
    field.repeated
      ? `  readonly ${field.name}?: readonly ${oneType(field)}[];`
      : `  readonly ${field.name}?: ${oneType(field)};`,
  );
  return [
    `${EXPORTED.includes(message) ? 'export ' : ''}interface ${message} {`,
    ...members,
    '}',
    `function write${message}(${fields.length === 0 ? '_out: Out, _' : 'out: Out, '}message: ${message}): void {`,
    ...fields.map(writeField),
    '}',
  ].join('\n');
}

function writeField(field: protobuf.Field): string {
  const value = `message.${field.name}`;
  if (field.repeated) return `  for (const one of ${value} ?? []) {\n    ${writeValue(field, 'one')}\n  }`;
  // A member of a oneof is written whatever its value, because its presence says which member is set.
  const absent = field.partOf || !(isScalar(field) || isEnum(field)) ? `${value} !== undefined` : value;
  return `  if (${absent}) {\n    ${writeValue(field, value)}\n  }`;
}

function writeValue(field: protobuf.Field, value: string): string {
  const head = `writeVarint(out, ${tag(field)});\n    `;
  if (isEnum(field) || field.type === 'int64') return `${head}writeVarint(out, ${value});`;
  if (!isScalar(field)) return `${head}writeNested(out, ${value}, write${named(field)});`;
  if (field.type === 'bool') return `${head}writeVarint(out, 1);`;
  if (field.type === 'uint64') return `${head}writeVarint64(out, ${value});`;
  return `${head}writeText(out, ${value});`;
}

function readMessage(message: string, fields: readonly protobuf.Field[]): string {
  const members = fields.map((field) => {
    const type = field.repeated ? `${oneType(field)}[]` : oneType(field);
    const absent = !field.repeated && !isScalar(field) && !isEnum(field) ? ' | undefined' : '';
    return `  ${field.name}: ${type}${absent};`;
  });
  return [
    `${EXPORTED.includes(message) ? 'export ' : ''}interface ${message} {`,
    ...members,
    '}',
    `function read${message}(from: In): ${message} {`,
    `  const message: ${message} = { ${fields.map((field) => `${field.name}: ${initial(field)}`).join(', ')} };`,
    '  while (from.at < from.end) {',
    '    const tag = readTag(from);',
    ...fields.map((field, at) => `    ${at === 0 ? '' : 'else '}if (tag === ${tag(field)}) ${readField(field)};`),
    '    else skip(from, tag);',
    '  }',
    '  return message;',
    '}',
  ].join('\n');
}

function initial(field: protobuf.Field): string {
  if (field.repeated) return '[]';
  if (isEnum(field)) return '0';
  return isScalar(field) ? (DEFAULTS[field.type] ?? '') : 'undefined';
}

function readField(field: protobuf.Field): string {
  const scalar = isEnum(field) ? 'readVarint(from)' : READERS[field.type];
  const value = scalar ?? `readNested(from, read${named(field)})`;
  return field.repeated ? `message.${field.name}.push(${value})` : `message.${field.name} = ${value}`;
}

/** The members of each enum used in a written or read field. */
function enums(fields: readonly protobuf.Field[]): string[] {
  const found = new Map(fields.filter(isEnum).map((field) => [named(field), field.resolvedType as protobuf.Enum]));
  return [...found].map(([name, type]) => {
    const members = Object.entries(type.values).map(([member, value]) => `${member}: ${value}`);
    return `/** @public */\nexport const ${name} = { ${members.join(', ')} } as const;`;
  });
}

function methods(): string[] {
  return Object.entries(METHODS).flatMap(([service, names]) =>
    names.map((name) => {
      const { requestType, responseType } = root.lookupService(service).methods[name] ?? {
        requestType: '',
        responseType: '',
      };
      return [
        '/** @public */',
        `export const ${name}: Method<${requestType}, ${responseType}> = {`,
        `  path: '/etcdserverpb.${service}/${name}',`,
        `  write: write${requestType},`,
        `  read: read${responseType},`,
        '};',
      ].join('\n');
    }),
  );
}

const written = Object.entries(WRITTEN).map(([message, names]) => [message, fieldsOf(message, names)] as const);
const read = Object.entries(READ).map(([message, names]) => [message, fieldsOf(message, names)] as const);

const text = [
  "// Generated from etcd's protos by build/rpc-codec.ts (npm run codec). Change that, not this.",
  "import type { Method } from '../grpc/method.ts';",
  "import type { In, Out } from '../grpc/wire.ts';",
  "import { readNested, readTag, readText, readVarint, readVarint64, skip, writeNested, writeText, writeVarint, writeVarint64 } from '../grpc/wire.ts';",
  '',
  ...enums([...written, ...read].flatMap(([, fields]) => fields)),
  '',
  ...written.flatMap(([message, fields]) => [writtenMessage(message, fields), '']),
  ...read.flatMap(([message, fields]) => [readMessage(message, fields), '']),
  ...methods(),
  '',
].join('\n');

writeFileSync(OUTPUT, text);
console.log(`${OUTPUT}: ${text.split('\n').length} lines`);
