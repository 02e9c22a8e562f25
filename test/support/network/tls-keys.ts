import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM files of an authority, and of a server and a client with its certificates. Those of `expired` expired yesterday. */
export interface Keys {
  readonly folder: string;
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
  readonly expired: { readonly serverCert: string; readonly clientCert: string };
}

/** Creates them with openssl in a new temporary folder. The server's certificate is for these addresses. */
export function makeKeys(addresses: readonly string[] = ['127.0.0.1']): Keys {
  const folder = mkdtempSync(join(tmpdir(), 'calico-keys-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...words: readonly string[]) =>
    execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const fresh = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    `/CN=${name}`,
  ];
  openssl('req', '-x509', '-days', '2', ...fresh('ca'), '-keyout', file('ca.key'), '-out', file('ca.pem'));
  writeFileSync(
    file('ext'),
    `subjectAltName=${addresses.map((address) => `IP:${address},`).join('')}DNS:kubernetes.example\nextendedKeyUsage=serverAuth,clientAuth\n`,
  );
  for (const name of ['server', 'client']) {
    openssl('req', ...fresh(name), '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`));
    const signer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('ext')];
    const request = ['-req', '-in', file(`${name}.csr`), ...signer];
    openssl('x509', ...request, '-days', '2', '-out', file(`${name}.pem`));
    openssl('x509', ...request, '-days', '-1', '-out', file(`${name}-expired.pem`));
  }
  return {
    folder,
    ca: file('ca.pem'),
    serverCert: file('server.pem'),
    serverKey: file('server.key'),
    clientCert: file('client.pem'),
    clientKey: file('client.key'),
    expired: { serverCert: file('server-expired.pem'), clientCert: file('client-expired.pem') },
  };
}

/** A PEM file as kubeconfigs embed it. */
export const embedded = (file: string): string => readFileSync(file).toString('base64');
