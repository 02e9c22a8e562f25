export const SUBJECT = 'system:serviceaccount:kube-system:calico-cni-plugin';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as an API server issues it, except for the signature. */
export const jwt = (iat: number, exp: number, sub = SUBJECT): string =>
  `${part({ alg: 'RS256' })}.${part({ sub, iat, exp })}.sig`;
