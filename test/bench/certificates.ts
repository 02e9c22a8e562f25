import { writeFileSync } from 'node:fs';
import type { Host } from '../support/host/host.ts';
import { scratch } from './here.ts';

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  /** One certificate for server and client, as small clusters use it. */
  readonly cert: string;
  readonly key: string;
}

/** An authority and a certificate with RSA keys of 2048 bits, the kind that kubeadm makes, created with openssl. */
export async function certificates(host: Host): Promise<Certificates> {
  const at = (name: string) => `${scratch}/${name}`;
  const made: Certificates = { ca: at('ca.pem'), cert: at('cert.pem'), key: at('key.pem') };
  writeFileSync(at('extensions'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
  const openssl = (...args: readonly string[]) => host.must('openssl', args);
  const fresh = ['-newkey', 'rsa:2048', '-nodes', '-subj'];
  await openssl('req', '-x509', '-days', '2', ...fresh, '/CN=etcd-ca', '-keyout', at('ca.key'), '-out', made.ca);
  await openssl('req', ...fresh, '/CN=calico', '-keyout', made.key, '-out', at('request'));
  const signer = [
    '-CA',
    made.ca,
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    at('extensions'),
  ];
  await openssl('x509', '-req', '-in', at('request'), '-out', made.cert, ...signer);
  return made;
}

/** An endpoint where etcd requires a client certificate. */
export const TLS_ENDPOINT = 'https://127.0.0.1:12379';

/** The flags that make etcd listen there in addition to its plain endpoint. */
export function tlsFlags({ ca, cert, key }: Certificates): Readonly<Record<string, string>> {
  return {
    'listen-client-urls': `http://127.0.0.1:2379,unix://client:1,${TLS_ENDPOINT}`,
    'cert-file': cert,
    'key-file': key,
    'trusted-ca-file': ca,
    'client-cert-auth': 'true',
  };
}
