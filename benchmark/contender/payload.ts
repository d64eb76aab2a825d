/** What the packet rows do with each payload, the same for ours, the peer and the limit. */

/** `touch`: one word written and read; `copy`: copied in and out; `whole`: every word written and read. */
export type Touching = "touch" | "copy" | "whole";

export interface Traffic {
  readonly touching: Touching;
  readonly bytes: number;
  readonly slots: number;
  readonly batch: number;
}

export const traffics: Readonly<Record<string, Traffic>> = {
  "packets-64": { touching: "touch", bytes: 64, slots: 1024, batch: 64 },
  "packets-1500": { touching: "copy", bytes: 1500, slots: 1024, batch: 64 },
  "packets-64k": { touching: "whole", bytes: 65536, slots: 32, batch: 8 },
};

/** Bytes from one payload to the next in the bulk area. */
export function payloadStride({ bytes }: Traffic): number {
  return Math.ceil(bytes / 64) * 64;
}

/** Writes 8-byte words, four a step as {@link sumWhole} reads them. */
export function fillWhole(words: Float64Array, from: number, count: number, value: number): void {
  for (let i = from, end = from + (count & ~3); i < end; i += 4) {
    words[i] = value;
    words[i + 1] = value;
    words[i + 2] = value;
    words[i + 3] = value;
  }
}

/** Reads 8-byte words; four sums, since an addition waits for the one before it. */
export function sumWhole(words: Float64Array, from: number, count: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const end = from + (count & ~3);
  for (let i = from; i < end; i += 4) {
    a += words[i] as number;
    b += words[i + 1] as number;
    c += words[i + 2] as number;
    d += words[i + 3] as number;
  }
  return a + b + c + d;
}
