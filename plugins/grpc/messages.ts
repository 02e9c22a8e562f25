/** The messages of the service `cni.CniDataplane` (Calico's cnibackend.proto), by the names that protobufjs gives the fields. */
import type { Method } from '../../shared/grpc/method.ts';
import {
  type In,
  type Out,
  readTag,
  readText,
  readVarint,
  skip,
  writeNested,
  writeText,
  writeVarint,
  writeVarint64,
} from '../../shared/grpc/wire.ts';
import type { ReservedIp } from '../dataplane/attachment.ts';

type Texts = Readonly<Record<string, string>>;

/** What a dataplane is asked to make for a container. */
export interface DataplaneAdd {
  readonly interfaceName: string;
  readonly netns: string;
  readonly desiredHostInterfaceName: string;
  readonly settings: { readonly allowIpForwarding: boolean; readonly mtu: number };
  readonly containerIps: readonly ReservedIp[];
  /** CIDRs. */
  readonly containerRoutes: readonly string[];
  readonly workload: Workload;
  readonly dataplaneOptions: Texts;
}

interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly endpoint: string;
  readonly node: string;
  readonly orchestrator: string;
  readonly pod: string;
  readonly ports: readonly Port[];
}

interface Port {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly hostPort: number;
  readonly hostIp: string;
}

export interface DataplaneDel {
  readonly interfaceName: string;
  readonly netns: string;
  readonly dataplaneOptions: Texts;
}

/** AddReply; DelReply is its first two fields. */
export interface DataplaneReply {
  successful: boolean;
  errorMessage: string;
  hostInterfaceName: string;
  containerMac: string;
}

export const Add: Method<DataplaneAdd, DataplaneReply> = {
  path: '/cni.CniDataplane/Add',
  write: writeAdd,
  read: readReply,
};
export const Del: Method<DataplaneDel, DataplaneReply> = {
  path: '/cni.CniDataplane/Del',
  write: writeDel,
  read: readReply,
};

const VARINT = 0;
const BYTES = 2;
const tag = (field: number, wireType: number): number => field * 8 + wireType;

function text(out: Out, field: number, value: string): void {
  if (value === '') return;
  writeVarint(out, tag(field, BYTES));
  writeText(out, value);
}

function number(out: Out, field: number, value: number): void {
  if (value === 0) return;
  writeVarint(out, tag(field, VARINT));
  // Protobuf writes a negative int32 as an int64.
  writeVarint64(out, BigInt(value));
}

function nested<T>(out: Out, field: number, value: T, write: (out: Out, value: T) => void): void {
  writeVarint(out, tag(field, BYTES));
  writeNested(out, value, write);
}

function map(out: Out, field: number, texts: Texts): void {
  for (const [key, value] of Object.entries(texts)) {
    nested(out, field, value, () => {
      text(out, 1, key);
      text(out, 2, value);
    });
  }
}

function writeAdd(out: Out, message: DataplaneAdd): void {
  text(out, 1, message.interfaceName);
  text(out, 2, message.netns);
  text(out, 3, message.desiredHostInterfaceName);
  nested(out, 4, message.settings, (_, { allowIpForwarding, mtu }) => {
    number(out, 1, Number(allowIpForwarding));
    number(out, 2, mtu);
  });
  for (const ip of message.containerIps) {
    nested(out, 5, ip, () => {
      text(out, 1, ip.address);
      text(out, 2, ip.gateway);
    });
  }
  for (const route of message.containerRoutes) text(out, 6, route);
  nested(out, 7, message.workload, writeWorkload);
  map(out, 8, message.dataplaneOptions);
}

function writeWorkload(out: Out, workload: Workload): void {
  text(out, 1, workload.name);
  text(out, 2, workload.namespace);
  map(out, 3, workload.labels);
  map(out, 4, workload.annotations);
  text(out, 5, workload.endpoint);
  text(out, 6, workload.node);
  text(out, 7, workload.orchestrator);
  text(out, 8, workload.pod);
  for (const port of workload.ports) nested(out, 9, port, writePort);
}

function writePort(out: Out, port: Port): void {
  text(out, 1, port.name);
  text(out, 2, port.protocol);
  number(out, 3, port.port);
  number(out, 4, port.hostPort);
  text(out, 5, port.hostIp);
}

function writeDel(out: Out, message: DataplaneDel): void {
  text(out, 1, message.interfaceName);
  text(out, 2, message.netns);
  map(out, 3, message.dataplaneOptions);
}

function readReply(from: In): DataplaneReply {
  const reply = { successful: false, errorMessage: '', hostInterfaceName: '', containerMac: '' };
  while (from.at < from.end) {
    const field = readTag(from);
    if (field === tag(1, VARINT)) reply.successful = readVarint(from) !== 0;
    else if (field === tag(2, BYTES)) reply.errorMessage = readText(from);
    else if (field === tag(3, BYTES)) reply.hostInterfaceName = readText(from);
    else if (field === tag(4, BYTES)) reply.containerMac = readText(from);
    else skip(from, field);
  }
  return reply;
}
