import { createServer as createHttp2 } from 'node:http2';
import { createServer, type Server } from 'node:net';
import { describe, expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { failureOf } from '../../support/calls/call.ts';
import { expectFree, grpc, withDataplane } from '../../support/dataplane/dataplane-bed.ts';
import { type Behaviour, MAC, obliging, SOCKET } from '../../support/dataplane/grpc-dataplane.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';

describe('a failed ADD with a grpc dataplane leaves nothing', () => {
  /** What the dataplane does, ADD's error, and whether the dataplane must then delete what it may have made. */
  const FAILURES: readonly { name: string; add: Behaviour; msg: RegExp; undone: boolean }[] = [
    {
      name: 'refuses',
      add: () => ({ successful: false, errorMessage: 'no room for taps' }),
      msg: /^grpc dataplane error: no room for taps$/,
      undone: false,
    },
    { name: 'fails', add: () => 'unavailable', msg: /^grpc dataplane error: not today$/, undone: true },
    {
      name: 'is silent',
      add: () => 'silence',
      msg: /^grpc dataplane error: (no answer within [45](\.\d+)? s|Deadline exceeded)$/,
      undone: true,
    },
    {
      name: 'answers more than the limit',
      add: () => ({
        successful: true,
        hostInterfaceName: 'tap0',
        containerMac: MAC,
        errorMessage: 'x'.repeat(70 << 20),
      }),
      msg: /^grpc dataplane error: the answer is larger than the limit of 64 MB$/,
      undone: true,
    },
    {
      name: 'names no interface',
      add: () => ({ successful: true, containerMac: MAC }),
      msg: /^grpc dataplane error: not a valid interface name: ""$/,
      undone: true,
    },
    {
      name: 'names an invalid MAC',
      add: () => ({ successful: true, hostInterfaceName: 'tap0', containerMac: 'zz' }),
      msg: /^grpc dataplane error: address zz: invalid MAC address$/,
      undone: true,
    },
  ];

  test.for(FAILURES)('when the dataplane $name', async ({ add, msg, undone }, { bed }) => {
    const behave: Behaviour = (seen) => (seen.method === 'Add' ? add(seen) : { successful: true });
    await withDataplane(bed, behave, async (seen) => {
      const container = await bed.container();
      expect(failureOf(await bed.call('ADD', container, grpc()))).toMatchObject({
        code: 999,
        msg: expect.stringMatching(msg),
      });
      expect(seen.map(({ method }) => method)).toEqual(undone ? ['Add', 'Del'] : ['Add']);
      expectFree(await bed.state());
    });
  });

  test('when the endpoint cannot be stored, and the dataplane deletes the interface', async ({ bed }) => {
    const robbed: Behaviour = async ({ method }) => {
      if (method === 'Add') await bed.etcd.del(...Object.keys(await bed.etcd.dump('/calico/ipam/v2/handle/')));
      return obliging({ method, message: {} }) as Awaited<ReturnType<Behaviour>> & object;
    };
    await withDataplane(bed, robbed, async (seen) => {
      const failure = failureOf(await bed.call('ADD', await bed.container(), grpc()));
      expect(failure.msg).toBe('another call for this container released the addresses meanwhile');
      expect(seen.map(({ method }) => method)).toEqual(['Add', 'Del']);
      expectFree(await bed.state());
    });
  });

  /** Listeners that are not a dataplane. */
  const STRANGERS: readonly { name: string; listen: () => Server | undefined; msg: RegExp }[] = [
    {
      name: 'nothing listens',
      listen: () => undefined,
      msg: /^grpc dataplane error: connect ENOENT \/run\/calico-test\/dataplane\.sock$/,
    },
    {
      name: 'it closes the connection',
      listen: () => createServer((socket) => socket.destroy()),
      msg: /^grpc dataplane error: .*(closed|ECONNRESET|EPIPE)/,
    },
    {
      name: 'it sends garbage',
      listen: () => createServer((socket) => void socket.on('error', () => {}).write(Buffer.alloc(4096, 0xa5))),
      msg: /^grpc dataplane error: .*(closed|HTTP\/2)/,
    },
    {
      name: 'it accepts and stays silent',
      listen: () => createServer(() => {}),
      msg: /^grpc dataplane error: no connection within [45](\.\d+)? s$/,
    },
    {
      name: 'it is a web server',
      listen: () => web({ ':status': 404 }, []),
      msg: /^grpc dataplane error: HTTP status 404/,
    },
    {
      name: 'its reply is garbage',
      listen: () => web({ ':status': 200, 'grpc-status': '0' }, [0, 0, 0, 0, 3, 0x1a, 9, 1]),
      msg: /^grpc dataplane error: unreadable answer/,
    },
  ];

  test.for(STRANGERS)(
    'when $name, and DEL reports it but still releases everything',
    async ({ listen, msg }, { bed }) => {
      const container = await bed.container();
      const up = await withDataplane(bed, obliging, async () => {
        const one = await bed.container();
        await bed.add(one, grpc());
        return one;
      });
      const server = listen();
      await new Promise<void>((done) => (server === undefined ? done() : server.listen(bed.host.file(SOCKET), done)));
      expect(failureOf(await bed.call('ADD', container, grpc()))).toMatchObject({
        code: 999,
        msg: expect.stringMatching(msg),
      });
      expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
      expect(failureOf(await bed.call('DEL', up, grpc()))).toMatchObject({
        code: 999,
        msg: expect.stringMatching(msg),
      });
      server?.close();
      expectFree(await bed.state());
    },
  );
});

/** An HTTP/2 server that gives this answer to every request. */
function web(headers: Record<string, string | number>, body: readonly number[]): Server {
  const server = createHttp2().on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond(headers);
    stream.end(Buffer.from(body));
  });
  return server as unknown as Server;
}
