/**
 * The shapes of shared memory, as native/core/layout.h has them; docs/wire-format.md is their prose.
 * Offsets named `...Word` count 32-bit words from the start of the mapping.
 */

const line = 16;

/** Channel memory. Index 0 of each pair is the client's, index 1 the server's. */
export const channel = {
  bytes: 36_864,
  slotBytes: 64,
  slotWords: 16,
  slots: 256,
  signals: 16,
  /** The line that each side writes. */
  ownWord: [1 * line, 2 * line],
  events: 0,
  head: 1,
  tail: 2,
  spaceWanted: 3,
  asleepWord: [3 * line, 4 * line],
  /** Counters that each side raises. */
  signalsWord: [6 * line, 5 * line],
  /** The ring that each side fills. */
  ringWord: [1024, 5120],
} as const;

export const messageKind = { call: 1, reply: 2, error: 3, oneway: 4, cancel: 5 } as const;
export const messageHeaderBytes = 16;

/** Packet stream memory. */
export const stream = {
  submitHeadWord: 1 * line,
  submitTailWord: 2 * line,
  acknowledgeHeadWord: 3 * line,
  acknowledgeTailWord: 4 * line,
  ringsByte: 4096,
  pageBytes: 4096,
} as const;

/** Which end of a channel this is. */
export type Side = 0 | 1;
export const clientSide = 0;
export const serverSide = 1;
