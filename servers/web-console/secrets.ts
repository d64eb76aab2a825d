/** Token, certificate and key: files that were granted. */
import { randomBytes } from "node:crypto";
import { readFileSync, writeSync } from "node:fs";
import { SessionError } from "../../base/errors.js";
import type { PlatformConnection } from "../../sessions/platform/index.js";
import type { WebConsoleConfig } from "./config.js";
import type { Encryption } from "./web-server.js";

const shortestToken = 16;
const tokenBytes = 24;

/** The text of a granted file, without the zeros of one that was just made. */
async function fileText(platform: PlatformConnection, name: string): Promise<string> {
  using grant = await platform.acquire(name, { kind: "file" });
  return readFileSync(grant.descriptor, "utf8").replaceAll("\0", "").trim();
}

/** The token that whoever connects must know; undefined when none is asked for. A file without one gets one. */
export async function tokenOf(
  platform: PlatformConnection,
  { token: name }: WebConsoleConfig,
): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const written = await fileText(platform, name);
  if (written === "") return newToken(platform, name);
  if (!/^[!-~]+$/.test(written) || /[",;\\]/.test(written) || written.length < shortestToken)
    throw new SessionError(
      "InvalidArgument",
      `Cannot use the token in "${name}": it needs at least ${shortestToken} letters, digits, or other characters of ASCII, without spaces`,
    );
  return written;
}

async function newToken(platform: PlatformConnection, name: string): Promise<string> {
  using grant = await platform.acquire(name, { kind: "file" });
  if (!grant.writeable)
    throw new SessionError(
      "InvalidArgument",
      `The file of the token, ${grant.path}, is empty: write one, or add "write": true to the grant "${name}"`,
    );
  const token = randomBytes(tokenBytes).toString("base64url");
  writeSync(grant.descriptor, `${token}\n`);
  console.log(`A new token is in ${grant.path}`);
  return token;
}

export async function encryptionOf(
  platform: PlatformConnection,
  { certificate, key }: WebConsoleConfig,
): Promise<Encryption | undefined> {
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined)
    throw new SessionError("InvalidArgument", 'Encryption needs both "certificate" and "key" in the config');
  return { certificate: await fileText(platform, certificate), key: await fileText(platform, key) };
}
