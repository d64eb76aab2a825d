/** Documents on the wire to and from a parent: more text than a message holds, in pieces. */

/** Characters of a piece, as the parent interface has them. */
export const pieceLength = 900;

/** JSON text in which a piece of so many characters has as many bytes. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
