/** Whether pages are read only when they are wanted; otherwise the next is on its way while one is worked on. */
export type Pace = 'unhurried' | undefined;

/** How the next page is got: it is on its way now, or read then. */
export function nextPage<Page>(read: () => Promise<Page>, pace: Pace): () => Promise<Page> {
  if (pace === 'unhurried') return read;
  const coming = read();
  // A failure while the consumer is working must wait for it, not end the process.
  coming.catch(() => {});
  return () => coming;
}
