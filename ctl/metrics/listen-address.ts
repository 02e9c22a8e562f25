import { parseAddress } from '../../shared/net/address.ts';
import { bareHost } from '../../shared/net/host.ts';
import { UsageError } from '../command-line/usage-error.ts';

/** Where to listen. */
export interface ListenAddress {
  /** '' for every address. */
  readonly address: string;
  readonly port: number;
}

/** Reads `ADDRESS:PORT`, `[ADDRESS]:PORT` or `:PORT`. Throws UsageError. */
export function listenAddress(text: string): ListenAddress {
  const [, host = '', digits = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  const address = bareHost(host);
  const isAddress =
    host === '' || (parseAddress(address) !== undefined && host.includes('[') === address.includes(':'));
  const port = Number(digits);
  if (digits !== '' && isAddress && port <= 65_535) return { address, port };
  throw new UsageError(`--listen must be ADDRESS:PORT, e.g. 127.0.0.1:9094, [::1]:9094 or :9094: ${text}`);
}
