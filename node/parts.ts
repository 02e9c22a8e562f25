import { forwardingPart } from './forwarding/forwarding-part.ts';
import { mtuPart } from './run/mtu-part.ts';
import type { Part } from './run/part.ts';
import { tunnelPart } from './tunnel/tunnel-part.ts';

/** Everything that a machine's process keeps as the datastore wants it. */
export const nodeParts = (): readonly Part[] => [mtuPart(), forwardingPart(), tunnelPart()];
