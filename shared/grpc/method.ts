import type { In, Out } from './wire.ts';

/** A remote procedure: its HTTP path, and how its request is written and its response read. */
export interface Method<Request, Response> {
  readonly path: string;
  readonly write: (out: Out, message: Request) => void;
  readonly read: (from: In) => Response;
}
