/** An interface in a container, and the other end of its pair. */
export interface ContainerInterface {
  readonly mac: string;
  /** The other end; undefined when it is not in our namespace. */
  readonly host: { readonly name: string; readonly mac: string } | undefined;
}
