/** The processors that executables are built for. Each executable is static: it runs on any Linux. */
export const TARGETS = {
  x64: { name: 'x64', cpu: 'x86_64', debian: 'amd64' },
  arm64: { name: 'arm64', cpu: 'aarch64', debian: 'arm64' },
} as const;

export type Target = (typeof TARGETS)[keyof typeof TARGETS];

/** This machine's target. */
export function nativeTarget(): Target {
  const target = Object.values(TARGETS).find(({ name }) => name === process.arch);
  if (target === undefined) throw new Error(`Executables cannot be built on ${process.arch}: only on x64 and arm64`);
  return target;
}
