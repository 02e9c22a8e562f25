import { createHash } from 'node:crypto';

/** The bytes at a URL. Throws unless they have this SHA-256. */
export async function download(url: string, sha256: string): Promise<Uint8Array> {
  const answer = await fetch(url).catch((error: unknown) => {
    throw new Error(`${url} cannot be reached`, { cause: error });
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${answer.statusText}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`${url}: SHA-256 is ${found}, not ${sha256}`);
  return bytes;
}
