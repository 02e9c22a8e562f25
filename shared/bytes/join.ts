/** The parts one after another; a lone part is not copied. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  let length = 0;
  for (let at = 0; at < parts.length; at++) length += parts[at]?.length ?? 0;
  const bytes = new Uint8Array(length);
  let end = 0;
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at];
    if (part === undefined) continue;
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

/** For numbers of several bytes. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
