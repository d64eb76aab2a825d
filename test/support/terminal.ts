/** What tests do with terminals. */
import type { TerminalConnection } from "../../sessions/terminal/index.js";

/** Reads until there are so many bytes, or more. */
export async function receive(terminal: TerminalConnection, bytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let length = 0; length < bytes; ) {
    const piece = await terminal.read();
    pieces.push(piece);
    length += piece.length;
  }
  return Buffer.concat(pieces);
}
