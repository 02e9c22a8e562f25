import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { openAllowance } from '../http2/allowance.ts';
import { unresolved } from '../http2/host-lookup.ts';
import { strictly } from '../http2/node-transport.ts';
import { tlsCode } from '../http2/tls-fault.ts';
import { bareHost } from '../net/host.ts';
import type { Access } from './credentials.ts';
import { methodOf, type Question, type Reply, unreachable } from './failure.ts';
import { retryAfterOf } from './retry-after.ts';

/** One question over a connection of its own, in HTTP/1.1. Throws a Failure when no whole answer comes within `limit` milliseconds. */
export async function askOverHttp1(
  access: Access,
  question: Question,
  headers: Readonly<Record<string, string>>,
  limit: number,
): Promise<Reply> {
  const { server, tls } = access;
  const { request } = tls === undefined ? await import('node:http') : await import('node:https');
  const options: RequestOptions = {
    host: bareHost(server.hostname),
    port: server.port,
    path: question.path,
    method: methodOf(question),
    headers,
    agent: false,
    ...tls,
    ...(tls === undefined ? {} : { checkServerIdentity: strictly((await import('node:tls')).checkServerIdentity) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(options);
    let connected = false;
    sent.on('socket', (socket) =>
      socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
        connected = true;
      }),
    );
    const fail = (reason: string, code?: string, timedOut = false) => {
      clearTimeout(timer);
      reject(unreachable(server, reason, code, { sent: connected, timedOut }));
      sent.destroy();
    };
    const timer = setTimeout(() => fail(`no answer within ${Math.round(limit) / 1000} s`, '', true), limit);
    listen(sent, fail, (reply) => {
      clearTimeout(timer);
      resolve(reply);
    });
    sent.end(question.body);
  });
}

function listen(
  sent: ClientRequest,
  fail: (reason: string, code?: string) => void,
  done: (reply: Reply) => void,
): void {
  sent.on('error', (error: NodeJS.ErrnoException) => {
    const host = String(sent.getHeader('host') ?? '').replace(/:\d+$/, '');
    fail(unresolved(host, error.code ?? '') ?? error.message, tlsCode(error));
  });
  sent.on('response', (response) => {
    const parts: Buffer[] = [];
    const allowance = openAllowance();
    response.on('data', (part: Buffer) => {
      try {
        allowance.part(part.length);
        parts.push(part);
      } catch (tooLarge) {
        fail((tooLarge as Error).message);
      }
    });
    response.on('error', (error) => fail(error.message));
    response.on('close', () => fail(BROKEN));
    response.on('end', () => {
      const body = Buffer.concat(parts);
      if (!isWhole(response, body.length)) fail(BROKEN);
      else {
        const { statusCode: status = 0, headers } = response;
        done({ status, body: body.toString(), ...retryAfterOf(headers['retry-after']) });
      }
    });
  });
}

const BROKEN = 'the connection closed before the answer was complete';

function isWhole(response: IncomingMessage, length: number): boolean {
  const announced = response.headers['content-length'];
  return response.complete && (announced === undefined || Number(announced) === length);
}
