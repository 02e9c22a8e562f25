import { frame } from '../grpc/grpc.ts';
import type { Method } from '../grpc/method.ts';
import { TryFailed } from '../grpc/try-failed.ts';
import { decode, encode } from '../grpc/wire.ts';
import { silent } from '../log/log.ts';
import { readEndpoint } from '../net/endpoint.ts';
import { NEVER } from '../system/cancellation.ts';
import type { World } from '../system/world.ts';
import type { EtcdConfig } from './config.ts';
import { connect, type EtcdConnection } from './connection.ts';
import { Alarm, AlarmType, Status, Txn } from './generated-rpc.ts';
import { CLUSTER_INFORMATION_KEY } from './keys.ts';
import { logIn } from './login.ts';

/** What one endpoint answered; undefined for what could not be found out. */
export interface Probe {
  readonly endpoint: string;
  /** Milliseconds until it had greeted, and until a read of Calico's data was answered. */
  readonly connectMs?: number;
  readonly readMs?: number;
  readonly version?: string;
  readonly role?: 'leader' | 'follower' | 'no leader';
  /** Bytes. */
  readonly size?: number;
  readonly login?: 'accepted' | 'not needed';
  readonly alarms: readonly string[];
  /** Why it cannot be used, or problems that it reports. */
  readonly problems: readonly string[];
}

/** The time limit for each step, in milliseconds. */
const STEP_MS = 5_000;

interface Caller {
  readonly connection: EtcdConnection;
  readonly token: string | undefined;
  readonly world: World;
}

/** Asks one endpoint for its status; never throws, and ends within some seconds. */
export async function probe(configured: string, etcd: EtcdConfig, world: World): Promise<Probe> {
  const endpoint = readEndpoint(configured);
  const began = world.elapsed();
  let found: Partial<Probe> = {};
  const problems: string[] = [];
  try {
    const connection = await connect(endpoint, { tls: etcd.tls, timeout: STEP_MS, signal: NEVER });
    found = { connectMs: world.elapsed() - began };
    try {
      const token = etcd.user && (await logIn(connection, etcd.user, STEP_MS, silent));
      if (token !== undefined) found = { ...found, login: token === '' ? 'not needed' : 'accepted' };
      found = { ...found, ...(await answers({ connection, token: token || undefined, world }, problems)) };
    } finally {
      connection.close();
    }
  } catch (thrown) {
    problems.push(reasonOf(thrown));
  }
  return { endpoint: endpoint.text, alarms: [], ...found, problems };
}

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

async function answers(caller: Caller, problems: string[]): Promise<Partial<Probe>> {
  const status = await attempt(() => call(caller, Status, {}), problems);
  const began = caller.world.elapsed();
  const read = { success: [{ requestRange: { key: CLUSTER_INFORMATION_KEY } }] };
  const answer = await attempt(() => call(caller, Txn, read), problems);
  const readMs = answer === undefined ? {} : { readMs: caller.world.elapsed() - began };
  // A user without the right to ask for alarms finds out when a write fails.
  const alarms = await attempt(() => call(caller, Alarm, { action: 0, memberID: 0n, alarm: AlarmType.None }), []);
  const besides = { alarms: (alarms?.alarms ?? []).map(({ alarm }) => alarmName(alarm)), ...readMs };
  if (status === undefined) return besides;
  problems.push(...status.errors);
  return { ...besides, version: status.version, size: status.dbSize, role: roleOf(status) };
}

function roleOf({
  leader,
  header,
}: {
  leader: bigint;
  header: { memberId: bigint } | undefined;
}): NonNullable<Probe['role']> {
  if (leader === 0n) return 'no leader';
  return header?.memberId === leader ? 'leader' : 'follower';
}

const alarmName = (alarm: number): string =>
  Object.entries(AlarmType)
    .find(([, value]) => value === alarm)?.[0]
    ?.toUpperCase() ?? `alarm ${alarm}`;

async function attempt<T>(work: () => Promise<T>, problems: string[]): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const needsLogin = thrown instanceof TryFailed && thrown.refusal === 'no login';
    const said = needsLogin ? 'requires authentication: set ETCD_USERNAME and ETCD_PASSWORD' : reason;
    if (!problems.includes(said)) problems.push(said);
    return undefined;
  }
}

async function call<Q, A>({ connection, token }: Caller, method: Method<Q, A>, request: Q): Promise<A> {
  const body = frame(encode(method.write, request));
  return decode(method.read, await connection.call({ path: method.path, body, token, timeout: STEP_MS }));
}
