let soft: unknown[] = [];

/** Notes a failure without ending the test. */
export const softly = (failure: unknown): void => void soft.push(failure);

/** The failures noted since the last call. */
export function takeSoftly(): readonly unknown[] {
  const taken = soft;
  soft = [];
  return taken;
}
