import type { NetworkState } from '../state/network-state.ts';

/** One thing that the process of a machine keeps as the stored state wants it: BIRD, forwarding, a tunnel. */
export interface Part {
  /** In a log line and in `node status`: `bird`, `forwarding`, `vxlan`. */
  readonly name: string;
  /** Brings the machine to a state; does nothing where it is so already. Answers lines for the log, one for each change. Throws a Failure. */
  apply(state: NetworkState): Promise<readonly string[]>;
  /** Puts right what others have changed on the machine since, every few seconds. Answers as `apply` does. */
  check?(): Promise<readonly string[]>;
  /** What keeps it from doing its work although the last `apply` succeeded; undefined when nothing does. */
  problem(): string | undefined;
  /** Ends. With `clean` everything that it made on the machine is removed, otherwise traffic goes on. */
  stop(clean: boolean): Promise<void>;
}
