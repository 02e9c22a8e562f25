import { Agent, request } from 'node:https';

/** An answer of the API: its text, and the parsed object (in which integers beyond 2^53 lose digits). */
interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends a request with a JSON body: a value, or any text. */
export type Ask = (method: string, path: string, body?: object | string) => Promise<ApiAnswer>;

const MERGE = { PATCH: 'application/strategic-merge-patch+json' } as Readonly<Record<string, string>>;

/** Sends requests to an API server behind a unix socket as the owner of `token`. Connections are kept until `close`. */
export function apiClient(socketPath: string, token: string): { readonly ask: Ask; close(): void } {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const ask: Ask = (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': MERGE[method] ?? 'application/json',
        // Without it Node.js sends no length with DELETE, and the server deletes without looking at the preconditions.
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(text) }),
      };
      const options = { agent, socketPath, method, path, headers, timeout: 20_000 };
      const sent = request(options, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => resolve(answered(answer.statusCode ?? 0, Buffer.concat(parts).toString())));
      });
      sent.on('error', reject);
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in 20 s`)));
      sent.end(text);
    });
  return { ask, close: () => agent.destroy() };
}

const answered = (status: number, text: string): ApiAnswer => ({
  status,
  text,
  body: text.startsWith('{') && !text.includes('}\n{') ? JSON.parse(text) : { text },
});
