/**
 * A text between quotation marks. BIRD has no way to write a quotation mark or a line's end in one, so these become `?`; where
 * that would matter, such texts are refused before.
 */
export const quoted = (text: string): string => `"${text.replaceAll(/["\n\r\0]/g, '?')}"`;

/** A name in a comment, which ends with the line. */
export const inComment = (text: string): string => text.replaceAll(/[^\w.:/-]/g, '?');
