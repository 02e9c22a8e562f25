import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM files of an authority, and of a server at 127.0.0.1 and a client that it vouches for. */
export interface Keys {
  readonly folder: string;
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

/** Makes them with openssl in a new folder below the system's for temporary files. */
export function makeKeys(): Keys {
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
    'subjectAltName=IP:127.0.0.1,DNS:kubernetes.example\nextendedKeyUsage=serverAuth,clientAuth\n',
  );
  for (const name of ['server', 'client']) {
    openssl('req', ...fresh(name), '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`));
    const signer = [
      '-CA',
      file('ca.pem'),
      '-CAkey',
      file('ca.key'),
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      file('ext'),
    ];
    openssl('x509', '-req', '-in', file(`${name}.csr`), '-out', file(`${name}.pem`), ...signer);
  }
  return {
    folder,
    ca: file('ca.pem'),
    serverCert: file('server.pem'),
    serverKey: file('server.key'),
    clientCert: file('client.pem'),
    clientKey: file('client.key'),
  };
}

/** A PEM file as kubeconfigs embed it. */
export const embedded = (file: string): string => readFileSync(file).toString('base64');
