/** An interface in a container, and what it is attached to. */
export interface ContainerInterface {
  readonly mac: string;
  /** Its other end; undefined when that is not in the namespace we run in. */
  readonly host: { readonly name: string; readonly mac: string } | undefined;
}
