/** A mebibyte in which every byte value occurs, in no short pattern. */
export const mebibyte = Uint8Array.from(
  { length: 1 << 20 },
  (_, index) => (Math.imul(index, 2_654_435_761) >>> 13) & 0xff,
);
