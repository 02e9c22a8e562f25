import { afterAll, beforeAll } from 'vitest';

/**
 * What the tests of a `describe` use: opened before their own hooks, closed after them, and empty until then. `within`:
 * milliseconds, where the usual are too few.
 */
export function openForTests<T extends { close(): Promise<void> }>(open: () => Promise<T>, within?: number): T {
  const opened: Partial<T> = {};
  beforeAll(async () => {
    Object.assign(opened, await open());
  }, within);
  afterAll(() => opened.close?.());
  return opened as T;
}
