import { platform } from '#platform';

/** When a certificate ends, the first of several, in milliseconds since 1970; undefined when there is none that can be read. */
export function certificateEnd(certificate: string | Uint8Array): number | undefined {
  try {
    return platform.certificate(certificate)[0]?.notAfter;
  } catch {
    return undefined;
  }
}
