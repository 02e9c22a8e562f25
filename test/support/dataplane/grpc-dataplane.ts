import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import type { Host } from '../host/host.ts';

/** The service as Calico defines it (cnibackend.proto). */
const PROTO = `
syntax = "proto3";
package cni;
message AddRequest {
  string interface_name = 1; string netns = 2; string desired_host_interface_name = 3; ContainerSettings settings = 4;
  repeated IPConfig container_ips = 5; repeated string container_routes = 6; WorkloadIDs workload = 7;
  map<string, string> dataplane_options = 8;
}
message ContainerSettings { bool allow_ip_forwarding = 1; int32 mtu = 2; }
message IPConfig { string address = 1; string gateway = 2; }
message WorkloadIDs {
  string name = 1; string namespace = 2; map<string, string> labels = 3; map<string, string> annotations = 4;
  string endpoint = 5; string node = 6; string orchestrator = 7; string pod = 8; repeated Port ports = 9;
}
message Port { string name = 1; string protocol = 2; uint32 port = 3; uint32 host_port = 4; string host_ip = 5; }
message AddReply { bool successful = 1; string error_message = 2; string host_interface_name = 3; string container_mac = 4; }
message DelRequest { string interface_name = 1; string netns = 2; map<string, string> dataplane_options = 3; }
message DelReply { bool successful = 1; string error_message = 2; }`;

const root = protobuf.parse(PROTO).root;

/** A message of the service, as protobufjs reads and writes it. */
export const dataplaneMessage = (name: string): protobuf.Type => root.lookupType(`cni.${name}`);

type Message = Readonly<Record<string, unknown>>;

/** A call that reached the dataplane. */
interface Seen {
  readonly method: 'Add' | 'Del';
  readonly message: Message;
}

/** What a dataplane answers: a reply, or nothing at all. */
export type Behaviour = (seen: Seen) => Message | 'silence' | 'unavailable' | Promise<Message>;

export interface Dataplane {
  /** In the order in which they came. */
  readonly seen: Seen[];
  close(): void;
}

/** The socket of a test's dataplane, as the plugin sees it. */
export const SOCKET = '/run/calico-test/dataplane.sock';
export const HOST_INTERFACE = 'tap7';
export const MAC = '02:ca:11:c0:00:07';

/** A dataplane that has done what was requested. */
export const obliging: Behaviour = ({ method }) =>
  method === 'Del' ? { successful: true } : { successful: true, hostInterfaceName: HOST_INTERFACE, containerMac: MAC };

/** A dataplane with Google's gRPC library, at SOCKET on this machine. */
export async function openDataplane(host: Host, behave: Behaviour = obliging): Promise<Dataplane> {
  const seen: Seen[] = [];
  const server = new Server();
  const handle =
    (method: Seen['method']) => async (call: ServerUnaryCall<Message, Message>, done: sendUnaryData<Message>) => {
      seen.push({ method, message: call.request });
      const reply = await behave({ method, message: call.request });
      if (reply === 'unavailable') done({ code: status.UNAVAILABLE, details: 'not today' });
      else if (reply !== 'silence') done(null, reply);
    };
  server.addService({ Add: methodOf('Add'), Del: methodOf('Del') }, { Add: handle('Add'), Del: handle('Del') });
  await new Promise<void>((resolve, reject) => {
    const listening = (error: Error | null) => (error === null ? resolve() : reject(error));
    server.bindAsync(`unix:${host.file(SOCKET)}`, ServerCredentials.createInsecure(), listening);
  });
  return { seen, close: () => server.forceShutdown() };
}

const RELAY = `
const [port, socket] = process.argv.slice(1);
const { connect, createServer } = require('node:net');
createServer((here) => {
  const there = connect(socket);
  here.on('error', () => there.destroy()).pipe(there);
  there.on('error', () => here.destroy()).pipe(here);
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));`;

/** Forwards a port of this machine to a socket: the dataplane of a test listens in another network namespace. */
export async function startRelay(host: Host, port: number, socket: string): Promise<{ stop(): Promise<void> }> {
  const [program = '', ...enter] = host.enter();
  const child = spawn(program, [...enter, process.execPath, '-e', RELAY, String(port), socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function methodOf(name: Seen['method']) {
  const [request, reply] = [dataplaneMessage(`${name}Request`), dataplaneMessage(`${name}Reply`)];
  const write = (type: protobuf.Type) => (message: Message) =>
    Buffer.from(type.encode(type.fromObject(message)).finish());
  const read = (type: protobuf.Type) => (bytes: Buffer) => type.toObject(type.decode(bytes), { defaults: true });
  return {
    path: `/cni.CniDataplane/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: write(request),
    requestDeserialize: read(request),
    responseSerialize: write(reply),
    responseDeserialize: read(reply),
  };
}
