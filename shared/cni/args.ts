import { failure } from '../error/failure.ts';
import { parseAddress } from '../net/address.ts';
import { quote, quoteAll } from './quote.ts';

/** The values in CNI_ARGS; '' for those not given. */
export interface CniArgs {
  readonly k8sPodNamespace: string;
  readonly k8sPodName: string;
  /** A bare address, canonical. */
  readonly ip: string;
  /** Six octets, lower case, with colons. */
  readonly mac: string;
  /** CNI_TEST_NAMESPACE: the endpoint's namespace without Kubernetes. */
  readonly testNamespace: string;
}

type Field = keyof CniArgs;

const FIELDS: ReadonlyMap<string, Field | undefined> = new Map<string, Field | undefined>([
  ['K8S_POD_NAMESPACE', 'k8sPodNamespace'],
  ['K8S_POD_NAME', 'k8sPodName'],
  ['IP', 'ip'],
  ['MAC', 'mac'],
  ['CNI_TEST_NAMESPACE', 'testNamespace'],
  ['K8S_POD_INFRA_CONTAINER_ID', undefined],
]);

const READERS: Partial<Record<Field, (value: string) => string>> = { ip: readAddress, mac: readMac };

/** Reads CNI_ARGS (`K=V;K2=V2`); throws a Failure naming the pair. `ignoreUnknown` applies unless an IgnoreUnknown says otherwise. */
export function readCniArgs(text: string, options: { readonly ignoreUnknown: boolean }): CniArgs {
  const values = { k8sPodNamespace: '', k8sPodName: '', ip: '', mac: '', testNamespace: '' };
  const unknown: string[] = [];
  let { ignoreUnknown } = options;
  for (const { pair, key, value } of splitPairs(text)) {
    const field = FIELDS.get(key);
    if (key === 'IgnoreUnknown') ignoreUnknown = within(pair, () => readBoolean(value));
    else if (field !== undefined) values[field] = within(pair, () => READERS[field]?.(value) ?? value);
    else if (!FIELDS.has(key)) unknown.push(pair);
  }
  if (unknown.length > 0 && !ignoreUnknown) throw failure(`ARGS: unknown args ${quoteAll(unknown)}`);
  return values;
}

function* splitPairs(text: string): Generator<{ pair: string; key: string; value: string }> {
  for (const pair of text === '' ? [] : text.split(';')) {
    const [key = '', value, ...rest] = pair.split('=');
    if (value === undefined || rest.length > 0) throw failure(`ARGS: invalid pair ${quote(pair)}`);
    yield { pair, key, value };
  }
}

function within<T>(pair: string, read: () => T): T {
  try {
    return read();
  } catch (why) {
    throw failure(`ARGS: error parsing value of pair ${quote(pair)}: ${why instanceof Error ? why.message : why}`);
  }
}

function readBoolean(value: string): boolean {
  const lower = value.toLowerCase();
  if (lower === '1' || lower === 'true') return true;
  if (lower === '0' || lower === 'false') return false;
  throw failure(`boolean unmarshal error: invalid input ${lower}`);
}

function readAddress(value: string): string {
  if (value === '') return '';
  const address = parseAddress(value);
  if (address === undefined) throw failure(`invalid IP address: ${value}`);
  return address.text;
}

/** Six octets, lower case, with colons; '' stays ''. Throws a Failure on anything else. */
export function readMac(value: string): string {
  if (value === '') return '';
  const octets = value.toLowerCase().split(/[:-]/);
  if (octets.length === 6 && octets.every((octet) => /^[0-9a-f]{2}$/.test(octet))) return octets.join(':');
  throw failure(`address ${value}: invalid MAC address`);
}
