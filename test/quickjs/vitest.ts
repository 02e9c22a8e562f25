/** The part of vitest that unit tests use, for the executables' engine: the bundle of unit tests has this in its place. */
export { vi } from './clock.ts';
export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from './collect.ts';
export { expect } from './expect.ts';
