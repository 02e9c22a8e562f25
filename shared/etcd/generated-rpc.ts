// Generated from etcd's protos by build/rpc-codec.ts (npm run codec). Change that, not this.
import type { Method } from '../grpc/method.ts';
import type { In, Out } from '../grpc/wire.ts';
import { readNested, readTag, readText, readVarint, readVarint64, skip, writeNested, writeText, writeVarint, writeVarint64 } from '../grpc/wire.ts';

/** @public */
export const CompareResult = { Equal: 0, Greater: 1, Less: 2, NotEqual: 3 } as const;
/** @public */
export const CompareTarget = { Version: 0, Create: 1, Mod: 2, Value: 3, Lease: 4 } as const;
/** @public */
export const AlarmAction = { Get: 0, Activate: 1, Deactivate: 2 } as const;
/** @public */
export const AlarmType = { None: 0, Nospace: 1, Corrupt: 2 } as const;
/** @public */
export const EventType = { Put: 0, Delete: 1 } as const;

interface RangeRequest {
  readonly key?: string;
  readonly rangeEnd?: string;
  readonly limit?: number;
  readonly revision?: number;
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
}
function writeRangeRequest(out: Out, message: RangeRequest): void {
  if (message.key) {
    writeVarint(out, 10);
    writeText(out, message.key);
  }
  if (message.rangeEnd) {
    writeVarint(out, 18);
    writeText(out, message.rangeEnd);
  }
  if (message.limit) {
    writeVarint(out, 24);
    writeVarint(out, message.limit);
  }
  if (message.revision) {
    writeVarint(out, 32);
    writeVarint(out, message.revision);
  }
  if (message.keysOnly) {
    writeVarint(out, 64);
    writeVarint(out, 1);
  }
  if (message.countOnly) {
    writeVarint(out, 72);
    writeVarint(out, 1);
  }
}

interface PutRequest {
  readonly key?: string;
  readonly value?: string;
}
function writePutRequest(out: Out, message: PutRequest): void {
  if (message.key) {
    writeVarint(out, 10);
    writeText(out, message.key);
  }
  if (message.value) {
    writeVarint(out, 18);
    writeText(out, message.value);
  }
}

interface DeleteRangeRequest {
  readonly key?: string;
}
function writeDeleteRangeRequest(out: Out, message: DeleteRangeRequest): void {
  if (message.key) {
    writeVarint(out, 10);
    writeText(out, message.key);
  }
}

export interface RequestOp {
  readonly requestRange?: RangeRequest;
  readonly requestPut?: PutRequest;
  readonly requestDeleteRange?: DeleteRangeRequest;
}
function writeRequestOp(out: Out, message: RequestOp): void {
  if (message.requestRange !== undefined) {
    writeVarint(out, 10);
    writeNested(out, message.requestRange, writeRangeRequest);
  }
  if (message.requestPut !== undefined) {
    writeVarint(out, 18);
    writeNested(out, message.requestPut, writePutRequest);
  }
  if (message.requestDeleteRange !== undefined) {
    writeVarint(out, 26);
    writeNested(out, message.requestDeleteRange, writeDeleteRangeRequest);
  }
}

interface Compare {
  readonly result?: number;
  readonly target?: number;
  readonly key?: string;
  readonly modRevision?: number;
}
function writeCompare(out: Out, message: Compare): void {
  if (message.result) {
    writeVarint(out, 8);
    writeVarint(out, message.result);
  }
  if (message.target) {
    writeVarint(out, 16);
    writeVarint(out, message.target);
  }
  if (message.key) {
    writeVarint(out, 26);
    writeText(out, message.key);
  }
  if (message.modRevision !== undefined) {
    writeVarint(out, 48);
    writeVarint(out, message.modRevision);
  }
}

export interface TxnRequest {
  readonly compare?: readonly Compare[];
  readonly success?: readonly RequestOp[];
  readonly failure?: readonly RequestOp[];
}
function writeTxnRequest(out: Out, message: TxnRequest): void {
  for (const one of message.compare ?? []) {
    writeVarint(out, 10);
    writeNested(out, one, writeCompare);
  }
  for (const one of message.success ?? []) {
    writeVarint(out, 18);
    writeNested(out, one, writeRequestOp);
  }
  for (const one of message.failure ?? []) {
    writeVarint(out, 26);
    writeNested(out, one, writeRequestOp);
  }
}

interface AuthenticateRequest {
  readonly name?: string;
  readonly password?: string;
}
function writeAuthenticateRequest(out: Out, message: AuthenticateRequest): void {
  if (message.name) {
    writeVarint(out, 10);
    writeText(out, message.name);
  }
  if (message.password) {
    writeVarint(out, 18);
    writeText(out, message.password);
  }
}

interface StatusRequest {
}
function writeStatusRequest(_out: Out, _message: StatusRequest): void {
}

interface WatchCreateRequest {
  readonly key?: string;
  readonly rangeEnd?: string;
  readonly startRevision?: number;
  readonly progressNotify?: boolean;
}
function writeWatchCreateRequest(out: Out, message: WatchCreateRequest): void {
  if (message.key) {
    writeVarint(out, 10);
    writeText(out, message.key);
  }
  if (message.rangeEnd) {
    writeVarint(out, 18);
    writeText(out, message.rangeEnd);
  }
  if (message.startRevision) {
    writeVarint(out, 24);
    writeVarint(out, message.startRevision);
  }
  if (message.progressNotify) {
    writeVarint(out, 32);
    writeVarint(out, 1);
  }
}

interface WatchRequest {
  readonly createRequest?: WatchCreateRequest;
}
function writeWatchRequest(out: Out, message: WatchRequest): void {
  if (message.createRequest !== undefined) {
    writeVarint(out, 10);
    writeNested(out, message.createRequest, writeWatchCreateRequest);
  }
}

interface AlarmRequest {
  readonly action?: number;
  readonly memberID?: bigint;
  readonly alarm?: number;
}
function writeAlarmRequest(out: Out, message: AlarmRequest): void {
  if (message.action) {
    writeVarint(out, 8);
    writeVarint(out, message.action);
  }
  if (message.memberID) {
    writeVarint(out, 16);
    writeVarint64(out, message.memberID);
  }
  if (message.alarm) {
    writeVarint(out, 24);
    writeVarint(out, message.alarm);
  }
}

interface ResponseHeader {
  clusterId: bigint;
  memberId: bigint;
  revision: number;
}
function readResponseHeader(from: In): ResponseHeader {
  const message: ResponseHeader = { clusterId: 0n, memberId: 0n, revision: 0 };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 8) message.clusterId = readVarint64(from);
    else if (tag === 16) message.memberId = readVarint64(from);
    else if (tag === 24) message.revision = readVarint(from);
    else skip(from, tag);
  }
  return message;
}

interface KeyValue {
  key: string;
  modRevision: number;
  value: string;
}
function readKeyValue(from: In): KeyValue {
  const message: KeyValue = { key: '', modRevision: 0, value: '' };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 10) message.key = readText(from);
    else if (tag === 24) message.modRevision = readVarint(from);
    else if (tag === 42) message.value = readText(from);
    else skip(from, tag);
  }
  return message;
}

interface RangeResponse {
  kvs: KeyValue[];
  more: boolean;
  count: number;
}
function readRangeResponse(from: In): RangeResponse {
  const message: RangeResponse = { kvs: [], more: false, count: 0 };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 18) message.kvs.push(readNested(from, readKeyValue));
    else if (tag === 24) message.more = readVarint(from) !== 0;
    else if (tag === 32) message.count = readVarint(from);
    else skip(from, tag);
  }
  return message;
}

export interface ResponseOp {
  responseRange: RangeResponse | undefined;
}
function readResponseOp(from: In): ResponseOp {
  const message: ResponseOp = { responseRange: undefined };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 10) message.responseRange = readNested(from, readRangeResponse);
    else skip(from, tag);
  }
  return message;
}

interface TxnResponse {
  header: ResponseHeader | undefined;
  succeeded: boolean;
  responses: ResponseOp[];
}
function readTxnResponse(from: In): TxnResponse {
  const message: TxnResponse = { header: undefined, succeeded: false, responses: [] };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 10) message.header = readNested(from, readResponseHeader);
    else if (tag === 16) message.succeeded = readVarint(from) !== 0;
    else if (tag === 26) message.responses.push(readNested(from, readResponseOp));
    else skip(from, tag);
  }
  return message;
}

interface AuthenticateResponse {
  token: string;
}
function readAuthenticateResponse(from: In): AuthenticateResponse {
  const message: AuthenticateResponse = { token: '' };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 18) message.token = readText(from);
    else skip(from, tag);
  }
  return message;
}

interface StatusResponse {
  header: ResponseHeader | undefined;
  version: string;
  dbSize: number;
  leader: bigint;
  errors: string[];
}
function readStatusResponse(from: In): StatusResponse {
  const message: StatusResponse = { header: undefined, version: '', dbSize: 0, leader: 0n, errors: [] };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 10) message.header = readNested(from, readResponseHeader);
    else if (tag === 18) message.version = readText(from);
    else if (tag === 24) message.dbSize = readVarint(from);
    else if (tag === 32) message.leader = readVarint64(from);
    else if (tag === 66) message.errors.push(readText(from));
    else skip(from, tag);
  }
  return message;
}

interface Event {
  type: number;
  kv: KeyValue | undefined;
}
function readEvent(from: In): Event {
  const message: Event = { type: 0, kv: undefined };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 8) message.type = readVarint(from);
    else if (tag === 18) message.kv = readNested(from, readKeyValue);
    else skip(from, tag);
  }
  return message;
}

export interface WatchResponse {
  header: ResponseHeader | undefined;
  watchId: number;
  created: boolean;
  canceled: boolean;
  compactRevision: number;
  cancelReason: string;
  events: Event[];
}
function readWatchResponse(from: In): WatchResponse {
  const message: WatchResponse = { header: undefined, watchId: 0, created: false, canceled: false, compactRevision: 0, cancelReason: '', events: [] };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 10) message.header = readNested(from, readResponseHeader);
    else if (tag === 16) message.watchId = readVarint(from);
    else if (tag === 24) message.created = readVarint(from) !== 0;
    else if (tag === 32) message.canceled = readVarint(from) !== 0;
    else if (tag === 40) message.compactRevision = readVarint(from);
    else if (tag === 50) message.cancelReason = readText(from);
    else if (tag === 90) message.events.push(readNested(from, readEvent));
    else skip(from, tag);
  }
  return message;
}

interface AlarmMember {
  memberID: bigint;
  alarm: number;
}
function readAlarmMember(from: In): AlarmMember {
  const message: AlarmMember = { memberID: 0n, alarm: 0 };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 8) message.memberID = readVarint64(from);
    else if (tag === 16) message.alarm = readVarint(from);
    else skip(from, tag);
  }
  return message;
}

interface AlarmResponse {
  alarms: AlarmMember[];
}
function readAlarmResponse(from: In): AlarmResponse {
  const message: AlarmResponse = { alarms: [] };
  while (from.at < from.end) {
    const tag = readTag(from);
    if (tag === 18) message.alarms.push(readNested(from, readAlarmMember));
    else skip(from, tag);
  }
  return message;
}

/** @public */
export const Txn: Method<TxnRequest, TxnResponse> = {
  path: '/etcdserverpb.KV/Txn',
  write: writeTxnRequest,
  read: readTxnResponse,
};
/** @public */
export const Watch: Method<WatchRequest, WatchResponse> = {
  path: '/etcdserverpb.Watch/Watch',
  write: writeWatchRequest,
  read: readWatchResponse,
};
/** @public */
export const Authenticate: Method<AuthenticateRequest, AuthenticateResponse> = {
  path: '/etcdserverpb.Auth/Authenticate',
  write: writeAuthenticateRequest,
  read: readAuthenticateResponse,
};
/** @public */
export const Status: Method<StatusRequest, StatusResponse> = {
  path: '/etcdserverpb.Maintenance/Status',
  write: writeStatusRequest,
  read: readStatusResponse,
};
/** @public */
export const Alarm: Method<AlarmRequest, AlarmResponse> = {
  path: '/etcdserverpb.Maintenance/Alarm',
  write: writeAlarmRequest,
  read: readAlarmResponse,
};
