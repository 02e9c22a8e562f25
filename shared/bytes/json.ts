import { platform } from '#platform';

export type { LeaveOut } from '../platform/platform.ts';

/** As JSON.parse, but integers that a number cannot hold exactly are bigints. Throws when it is not JSON or nested too deeply. */
export const readJson: typeof platform.parseJson = (text, leaveOut) => platform.parseJson(text, leaveOut);

/** As JSON.stringify, but with bigints as plain literals, Maps as objects in their own order, and what Go escapes escaped. */
export const writeJson: typeof platform.stringifyJson = (value) => platform.stringifyJson(value);
