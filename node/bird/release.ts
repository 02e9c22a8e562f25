/** Which of BIRD's two languages: 1.6, with a process for each family, or 2 with one for both. */
export type Release = 1 | 2;

/** The release in what `bird --version` and the control socket say: `BIRD version 1.6.8`, `BIRD 2.0.12 ready.` */
export function releaseIn(text: string): Release | undefined {
  const [, major, minor] = /BIRD (?:version )?v?(\d+)\.(\d+)/.exec(text) ?? [];
  if (major === '1' && Number(minor) >= 6) return 1;
  return Number(major) >= 2 ? 2 : undefined;
}
