/** The system file in the hands of an operator: reading, checking and replacing it. */
import { createHash } from "node:crypto";
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { errorMessage, SessionError } from "../base/errors.js";
import { type Diagnostic, diagnosticText, readSystemFile } from "../servers/init/system-file.js";
import { configParser } from "./config-parsers.js";

/** The text of a system file. @throws SessionError `Unavailable` */
export function systemFileText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SessionError("Unavailable", `Cannot read the system file "${file}": ${errorMessage(error)}`);
  }
}

/** What is wrong with the text of a system file. */
export function checkSystemFile(text: string): readonly Diagnostic[] {
  return readSystemFile(text, { configParser }).diagnostics;
}

/**
 * Replaces a system file by a text without errors that was made from the present one, as `base` shows: the SHA-256 digest
 * of that. The file is the old one or the new one at any time.
 * @throws SessionError `Rejected`, `Unavailable`
 */
export function replaceSystemFile(file: string, text: string, base: Uint8Array): void {
  const [first] = checkSystemFile(text).filter(({ severity }) => severity === "error");
  if (first !== undefined)
    throw new SessionError("Rejected", `The system stays as it is: ${diagnosticText(file, first)}`);
  const present = createHash("sha256").update(systemFileText(file)).digest();
  if (!present.equals(base))
    throw new SessionError("Rejected", `"${file}" has changed since it was read: read it again before changing it`);
  // What a symbolic link leads to is the file.
  const place = realpathSync(file);
  const next = `${place}.new`;
  try {
    writeFileSync(next, text, { mode: statSync(place).mode });
    renameSync(next, place);
  } catch (error) {
    rmSync(next, { force: true });
    throw new SessionError("Unavailable", `Cannot replace the system file "${file}": ${errorMessage(error)}`);
  }
}
