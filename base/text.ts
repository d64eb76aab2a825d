/** Text within a bound of bytes. */
const encoder = new TextEncoder();

/** The longest prefix of whole characters that fits `bytes` bytes of UTF-8. */
export function prefixWithin(text: string, bytes: number): string {
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(bytes)).read);
}
