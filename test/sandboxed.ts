import type { TestProject } from 'vitest/node';
import { isInSandbox } from '../build/sandbox.ts';

/** vitest's global setup of the projects that need their own namespaces: reports which tests are skipped, and why. */
export function setup(project: TestProject): void {
  if (isInSandbox()) return;
  const why = 'they change interfaces, routes and mounts, so they run only in namespaces of their own';
  console.error(
    `${project.name} tests are skipped: ${why}, which \`npm test\` makes as root or with sudo without a password.`,
  );
}
