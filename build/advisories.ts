/** What is asked about: the package URL of a part, such as pkg:cargo/ring@0.17.14. */
interface Asked {
  readonly purl: string;
}

const OSV = 'https://api.osv.dev';

/** The known vulnerabilities of parts, as `purl: RUSTSEC-…, …`. Throws where OSV's database cannot be reached. */
export async function advisories(parts: readonly Asked[], server = OSV): Promise<readonly string[]> {
  const queries = parts.map(({ purl }) => ({ package: { purl } }));
  const body = JSON.stringify({ queries });
  const answer = await fetch(`${server}/v1/querybatch`, { method: 'POST', body }).catch((error: unknown) => {
    throw new Error(`${server} cannot be reached`, { cause: error });
  });
  if (!answer.ok) throw new Error(`${server}: ${answer.status} ${answer.statusText}`);
  const { results }: { results: readonly { vulns?: readonly { id: string }[] }[] } = JSON.parse(await answer.text());
  return parts.flatMap(({ purl }, at) => {
    const ids = results[at]?.vulns?.map(({ id }) => id) ?? [];
    return ids.length === 0 ? [] : [`${purl}: ${ids.join(', ')}`];
  });
}
