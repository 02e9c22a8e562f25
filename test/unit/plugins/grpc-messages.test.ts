import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Add, Del } from '../../../plugins/grpc/messages.ts';
import { dataplaneEndpoint } from '../../../plugins/grpc/options.ts';
import { decode, encode } from '../../../shared/grpc/wire.ts';
import { dataplaneMessage } from '../../support/dataplane/grpc-dataplane.ts';

// protobufjs, with Calico's own definition, is the reference.
const readByTheirs = (name: string, bytes: Uint8Array) => {
  const type = dataplaneMessage(name);
  return type.toObject(type.decode(bytes), { defaults: true });
};

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'x'.repeat(200), 'ü'.repeat(9000)),
);
// protobufjs cannot set `__proto__` as an object's own key.
const texts = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  text,
  { maxKeys: 4, noNullPrototype: true },
);
const number = fc.oneof(fc.nat(65_535), fc.constantFrom(0, 127, 128, 2 ** 32 - 1));
const port = fc.record({ name: text, protocol: text, port: number, hostPort: number, hostIp: text });
const add = fc.record({
  interfaceName: text,
  netns: text,
  desiredHostInterfaceName: text,
  settings: fc.record({
    allowIpForwarding: fc.boolean(),
    mtu: fc.oneof(fc.nat(9000), fc.constantFrom(-1, 2 ** 31 - 1, -(2 ** 31))),
  }),
  containerIps: fc.array(fc.record({ address: text, gateway: text }), { maxLength: 3 }),
  containerRoutes: fc.array(
    text.filter((route) => route !== ''),
    { maxLength: 3 },
  ),
  workload: fc.record({
    ...{ name: text, namespace: text, labels: texts, annotations: texts, endpoint: text, node: text },
    ...{ orchestrator: text, pod: text, ports: fc.array(port, { maxLength: 3 }) },
  }),
  dataplaneOptions: texts,
});

describe('a request to a dataplane', () => {
  test('an Add is decoded by protobufjs to the same', () => {
    fc.assert(
      fc.property(add, (message) => {
        expect(readByTheirs('AddRequest', encode(Add.write, message))).toEqual(message);
      }),
    );
  });

  test('a Del is decoded by protobufjs to the same', () => {
    const del = fc.record({ interfaceName: text, netns: text, dataplaneOptions: texts });
    fc.assert(
      fc.property(del, (message) => {
        expect(readByTheirs('DelRequest', encode(Del.write, message))).toEqual(message);
      }),
    );
  });
});

describe('a dataplane’s answer', () => {
  const reply = fc.record({
    successful: fc.boolean(),
    errorMessage: text,
    hostInterfaceName: text,
    containerMac: text,
  });

  test('is decoded as protobufjs encoded it', () => {
    const type = dataplaneMessage('AddReply');
    fc.assert(
      fc.property(reply, (message) => {
        expect(decode(Add.read, type.encode(message).finish())).toEqual(message);
      }),
    );
  });

  test('is decoded without the fields of a later version, and is never a success when truncated', () => {
    const later = [0x08, 1, 0x3a, 2, 0x68, 0x69, 0x40, 5];
    expect(decode(Add.read, Uint8Array.from(later))).toMatchObject({ successful: true, hostInterfaceName: '' });
    expect(() => decode(Add.read, Uint8Array.from([0x08, 1, 0x1a, 9, 0x63]))).toThrow('too early');
    expect(decode(Del.read, new Uint8Array(0)).successful).toBe(false);
  });
});

describe('the address of a dataplane', () => {
  test.for([
    ['unix:///run/dp.sock', '/run/dp.sock'],
    ['unix:/run/dp.sock', '/run/dp.sock'],
    ['unix:dp.sock', 'dp.sock'],
    ['unix-abstract:dataplane', '\0dataplane'],
  ])('%s is a socket of this machine', ([target = '', socket]) => {
    expect(dataplaneEndpoint(target)).toMatchObject({ text: target, socket, authority: 'localhost', secure: false });
  });

  test.for([
    ['127.0.0.1:9111', '127.0.0.1:9111'],
    ['dns:///agent.example:9111', 'agent.example:9111'],
    ['dns:agent:9111', 'agent:9111'],
    ['passthrough:///[::1]:9111', '[::1]:9111'],
    ['[10.0.0.1]:9111', '10.0.0.1:9111'],
  ])('%s is a host and a port', ([target = '', authority]) => {
    expect(dataplaneEndpoint(target)).toMatchObject({ authority, url: `http://${authority}`, secure: false });
  });

  test.for(['/run/dp.sock', 'unix:', 'agent', 'agent:', 'http://agent:9111', 'agent:port', 'dns:///', 'a:99999'])(
    '%s is refused, naming it',
    (target) => {
      expect(() => dataplaneEndpoint(target)).toThrow(`not a valid address: ${target}`);
    },
  );
});
