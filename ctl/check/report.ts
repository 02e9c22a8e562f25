import { rfc3339Seconds } from '../../shared/calico/go-time.ts';
import { stringifyJson } from '../../shared/calico/json.ts';
import { asObject, isInteger, objectOrNothing } from '../../shared/calico/stored.ts';
import { VERSION } from '../../shared/call/version.ts';
import type { Guard } from '../../shared/datastore/datastore.ts';
import type { Ref } from '../../shared/datastore/ref.ts';
import { failure } from '../../shared/error/failure.ts';
import { type Finding, type FindingKind, MEANINGS } from './finding.ts';
import type { Inspection } from './inspection.ts';
import { refOfText, refText } from './ref-text.ts';

/** A report that has been read: the original's fields, and our findings if we wrote it. */
export interface Report {
  readonly version: string;
  readonly clusterGUID: string;
  readonly clusterInformationRevision: string;
  /** Milliseconds since 1970; 0 if the report does not say. */
  readonly checkedAt: number;
  readonly findings: readonly Finding[];
  readonly leaked: readonly LeakedAddress[];
  readonly leakedHandles: readonly LeakedHandle[];
}

export interface LeakedAddress {
  readonly address: string;
  readonly handleID: string;
  readonly sequenceNumber: bigint | undefined;
}

export interface LeakedHandle {
  readonly handleID: string;
  readonly revision: string;
}

/**
 * The text of a report: the fields that the original's `ipam release --from-report` reads (only leaked allocations), and all
 * findings, one per line.
 */
export function reportText({ cluster, findings, version, at, counts }: Inspection): string {
  const head = {
    version: VERSION,
    clusterGUID: cluster.guid,
    datastoreLocked: cluster.locked,
    clusterInformationRevision: cluster.version,
    clusterType: cluster.type,
    revision: version,
    checkedAt: rfc3339Seconds(at),
    counts,
  };
  const leaked = findings.filter(({ kind }) => kind === 'leaked');
  const handles = findings.filter(({ kind }) => kind === 'handle-leaked');
  const allocations = leaked.map(
    (finding) => `${JSON.stringify(finding.address)}: ${stringifyJson([allocation(finding)])}`,
  );
  const fields = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${stringifyJson(value)}`);
  return `{\n${[
    ...fields,
    `  "allocations": ${lines('{', allocations, '}')}`,
    `  "leakedHandles": ${lines('[', handles.map(handleInfo), ']')}`,
    `  "findings": ${lines('[', findings.map(findingText), ']')}`,
  ].join(',\n')}\n}\n`;
}

const lines = (open: string, items: readonly string[], close: string): string =>
  items.length === 0 ? open + close : `${open}\n${items.map((item) => `    ${item}`).join(',\n')}\n  ${close}`;

const allocation = ({ address, handleID, sequenceNumber, node }: Finding) => ({
  ip: address,
  handle: handleID,
  sequenceNumber,
  node,
  inUse: false,
  owners: null,
});

function handleInfo({ handleID = '', seen }: Finding): string {
  return stringifyJson({ ID: handleID, UID: null, Revision: seen[0]?.seen ?? '' });
}

/** Objects by name; null for those that did not exist. */
const findingText = (finding: Finding): string =>
  stringifyJson({
    ...finding,
    seen: Object.fromEntries(finding.seen.map(({ ref, seen }) => [refText(ref), seen ?? null])),
    ...(finding.endpoint === undefined ? {} : { endpoint: refText(finding.endpoint) }),
  });

type Fields = Readonly<Record<string, unknown>>;

/** Reads a report of ours or the original's. Throws a Failure with the file's name. */
export function parseReport(file: string, text: string): Report {
  const fields = objectOrNothing(file, text);
  if (typeof fields?.['clusterGUID'] !== 'string') {
    throw failure(`${file} is not an ipam check report`, 'create one with: calicoctl ipam check -o FILE');
  }
  const allocations = Object.values(asObject(fields['allocations']) ?? {}).flatMap(objects);
  return {
    version: String(fields['version'] ?? ''),
    clusterGUID: fields['clusterGUID'],
    clusterInformationRevision: String(fields['clusterInformationRevision'] ?? ''),
    checkedAt: Date.parse(String(fields['checkedAt'])) || 0,
    findings: objects(fields['findings']).map((finding) => findingOf(file, finding)),
    leaked: allocations.filter(({ inUse }) => inUse !== true).map(leakedAddress),
    leakedHandles: objects(fields['leakedHandles']).map(({ ID, Revision }) => ({
      handleID: String(ID ?? ''),
      revision: String(Revision ?? ''),
    })),
  };
}

const objects = (value: unknown): readonly Fields[] =>
  (Array.isArray(value) ? (value as readonly unknown[]) : []).flatMap<Fields>((item) => asObject(item) ?? []);

const exact = (value: unknown): bigint | undefined => (isInteger(value) ? BigInt(value) : undefined);

const leakedAddress = ({ ip, handle, sequenceNumber }: Fields): LeakedAddress => ({
  address: String(ip ?? ''),
  handleID: String(handle ?? ''),
  sequenceNumber: exact(sequenceNumber),
});

const isKind = (kind: unknown): kind is FindingKind => typeof kind === 'string' && Object.hasOwn(MEANINGS, kind);

function findingOf(file: string, fields: Fields): Finding {
  const { kind, text, seen, endpoint, sequenceNumber } = fields;
  if (!isKind(kind)) throw failure(`${file}: unknown kind of finding ${String(kind)}`, 'create a new report');
  const stamp = exact(sequenceNumber);
  const texts = ['cidr', 'address', 'handleID', 'node', 'owners'].flatMap((name) =>
    typeof fields[name] === 'string' ? [[name, fields[name]]] : [],
  );
  const blocks = fields['blocks'];
  return {
    kind,
    text: String(text ?? ''),
    seen: Object.entries(asObject(seen) ?? {}).map(([name, version]) => guardOf(file, name, version)),
    ...Object.fromEntries(texts),
    ...(typeof endpoint === 'string' ? { endpoint: refNamed(file, endpoint) } : {}),
    ...(stamp === undefined ? {} : { sequenceNumber: stamp }),
    ...(Array.isArray(blocks) ? { blocks: blocks.map(String) } : {}),
  };
}

const guardOf = (file: string, name: string, version: unknown): Guard => ({
  ref: refNamed(file, name),
  seen: typeof version === 'string' ? version : undefined,
});

function refNamed(file: string, text: string): Ref {
  const ref = refOfText(text);
  if (ref === undefined)
    throw failure(`${file}: a finding names ${text}, which is not an object`, 'create a new report');
  return ref;
}
