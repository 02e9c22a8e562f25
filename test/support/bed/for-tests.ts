import { afterAll, beforeAll } from 'vitest';

/** What the tests of a `describe` use: opened before their own hooks, closed after them, and empty until then. */
export function openForTests<T extends { close(): Promise<void> }>(open: () => Promise<T>): T {
  const opened: Partial<T> = {};
  beforeAll(async () => {
    Object.assign(opened, await open());
  });
  afterAll(() => opened.close?.());
  return opened as T;
}
