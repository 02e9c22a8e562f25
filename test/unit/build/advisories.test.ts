import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { advisories } from '../../../build/advisories.ts';

const PARTS = [
  { purl: 'pkg:cargo/ring@0.17.14' },
  { purl: 'pkg:cargo/rustls@0.20.0' },
  { purl: 'pkg:cargo/libc@0.2.1' },
];

/** Asks a server that gives this answer. */
async function asked(status: number, answer: unknown) {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    for await (const piece of request) requests.push(`${request.method} ${request.url} ${piece}`);
    response.writeHead(status).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return { found: await advisories(PARTS, `http://127.0.0.1:${port}`), requests };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('names the parts that have known vulnerabilities', async () => {
  const { found, requests } = await asked(200, {
    results: [{}, { vulns: [{ id: 'RUSTSEC-2024-0336' }, { id: 'GHSA-6g7w-8wpp-frhj' }] }, { vulns: [] }],
  });
  expect(found).toEqual(['pkg:cargo/rustls@0.20.0: RUSTSEC-2024-0336, GHSA-6g7w-8wpp-frhj']);
  expect(requests).toEqual([
    `POST /v1/querybatch ${JSON.stringify({ queries: PARTS.map((one) => ({ package: one })) })}`,
  ]);
});

test('a server that does not answer the question is an error', async () => {
  await expect(asked(503, {})).rejects.toThrow(/: 503 Service Unavailable$/);
  await expect(advisories(PARTS, 'http://127.0.0.1:1')).rejects.toThrow('http://127.0.0.1:1 cannot be reached');
});
