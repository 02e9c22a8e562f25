import { type ClientHttp2Session, connect } from 'node:http2';
import { createConnection } from 'node:net';
import protobuf from 'protobufjs';

/** Kubernetes' interface to container runtimes (CRI v1): the part that sandboxes need. */
const DEFINITION = `
syntax = "proto3";
package runtime.v1;
message PodSandboxMetadata { string name = 1; string uid = 2; string namespace = 3; uint32 attempt = 4; }
message LinuxPodSandboxConfig { string cgroup_parent = 1; }
message PodSandboxConfig {
  PodSandboxMetadata metadata = 1;
  string hostname = 2;
  string log_directory = 3;
  map<string, string> labels = 6;
  map<string, string> annotations = 7;
  LinuxPodSandboxConfig linux = 8;
}
message RunPodSandboxRequest { PodSandboxConfig config = 1; }
message RunPodSandboxResponse { string pod_sandbox_id = 1; }
message StopPodSandboxRequest { string pod_sandbox_id = 1; }
message StopPodSandboxResponse {}
message RemovePodSandboxRequest { string pod_sandbox_id = 1; }
message RemovePodSandboxResponse {}
message PodSandboxStatusRequest { string pod_sandbox_id = 1; }
message PodSandboxNetworkStatus { string ip = 1; }
message PodSandboxStatus { string id = 1; PodSandboxNetworkStatus network = 5; }
message PodSandboxStatusResponse { PodSandboxStatus status = 1; }
message PodSandbox { string id = 1; PodSandboxMetadata metadata = 2; int32 state = 3; }
message ListPodSandboxRequest {}
message ListPodSandboxResponse { repeated PodSandbox items = 1; }
message StatusRequest {}
message RuntimeCondition { string type = 1; bool status = 2; string reason = 3; string message = 4; }
message RuntimeStatus { repeated RuntimeCondition conditions = 1; }
message StatusResponse { RuntimeStatus status = 1; }
`;

const { root } = protobuf.parse(DEFINITION, { keepCase: true });

type Message = Readonly<Record<string, unknown>>;

/** A runtime's service, as kubelet calls it. */
export interface Cri {
  /** Calls a method with the fields of its request. A failure throws with the runtime's message. */
  call(method: string, request: Message): Promise<Message>;
  close(): void;
}

/** Connects to a runtime's socket. */
export function openCri(socket: string): Cri {
  const session = connect('http://localhost', { createConnection: () => createConnection(socket) });
  session.on('error', () => {});
  return {
    call: async (method, request) => {
      const encoder = root.lookupType(`runtime.v1.${method}Request`);
      const decoder = root.lookupType(`runtime.v1.${method}Response`);
      const answer = await unary(
        session,
        `/runtime.v1.RuntimeService/${method}`,
        encoder.encode(encoder.create(request)).finish(),
      );
      return decoder.toObject(decoder.decode(answer), { defaults: true, arrays: true });
    },
    close: () => session.destroy(),
  };
}

/** One gRPC call: a length-prefixed message each way, status and message in the trailers. */
function unary(session: ClientHttp2Session, path: string, message: Uint8Array): Promise<Uint8Array> {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let status: Readonly<Record<string, unknown>> = {};
    const note = (headers: Readonly<Record<string, unknown>>) => {
      status = { ...status, ...headers };
    };
    stream.on('response', note).on('trailers', note).on('error', reject);
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      if (status['grpc-status'] === '0') resolve(Buffer.concat(parts).subarray(5));
      else
        reject(new Error(`${path}: ${status['grpc-status']} ${decodeURIComponent(`${status['grpc-message'] ?? ''}`)}`));
    });
    stream.end(Buffer.concat([prefix, message]));
  });
}
