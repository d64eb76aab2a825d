/** Blocks whose every byte follows from their number and a version, so that whoever reads one knows which write it holds. */

const headerBytes = 8;

/** A new block: its number, the version, and words that follow from both. Versions count from 1. */
export function blockVersion(block: number, version: number, bytes: number): Uint8Array {
  const data = new Uint8Array(bytes);
  const words = new DataView(data.buffer);
  words.setUint32(0, block, true);
  words.setUint32(4, version, true);
  let state = (Math.imul(block + 1, 0x9e37_79b1) ^ Math.imul(version, 0x85eb_ca6b)) >>> 0 || 1;
  for (let at = headerBytes; at < bytes; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words.setUint32(at, state >>> 0, true);
  }
  return data;
}

/** The version that the block holds whole; 0 for a block of zeros, which was never written; undefined for any mixture. */
export function versionOf(data: Uint8Array, block: number): number | undefined {
  const version = new DataView(data.buffer, data.byteOffset, data.length).getUint32(4, true);
  const expected = version === 0 ? new Uint8Array(data.length) : blockVersion(block, version, data.length);
  return Buffer.compare(data, expected) === 0 ? version : undefined;
}
