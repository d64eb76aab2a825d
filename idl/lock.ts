/**
 * The numbers that an interface has given out, kept in `x.idl.lock` beside `x.idl` and checked in with it, so that
 * an operation keeps its opcode whatever is added or removed around it.
 */

export interface LockedOperation {
  readonly opcode: number;
  /** What is on the wire, such as `call (int32, int32) -> (int32)`. */
  readonly signature: string;
}

export interface InterfaceLock {
  readonly version: number;
  readonly operations: Readonly<Record<string, LockedOperation>>;
  /** Operations that are gone; nobody else gets their opcodes. */
  readonly removed: Readonly<Record<string, LockedOperation>>;
  /** By number; a name stays when its error goes. */
  readonly errors: readonly string[];
  readonly signals: Readonly<Record<string, number>>;
  /** Layouts of packet descriptors. */
  readonly packets: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly format: 1;
  readonly interfaces: Readonly<Record<string, InterfaceLock>>;
}

export const emptyLock: Lock = { format: 1, interfaces: {} };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOpcode(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff;
}

function isOperations(value: unknown): value is Record<string, LockedOperation> {
  return (
    isRecord(value) &&
    Object.values(value).every(
      (entry) => isRecord(entry) && isOpcode(entry["opcode"]) && typeof entry["signature"] === "string",
    )
  );
}

function isInterfaceLock(value: unknown): value is InterfaceLock {
  return (
    isRecord(value) &&
    Number.isInteger(value["version"]) &&
    isOperations(value["operations"]) &&
    isOperations(value["removed"]) &&
    Array.isArray(value["errors"]) &&
    value["errors"].every((name) => typeof name === "string") &&
    isRecord(value["signals"]) &&
    Object.values(value["signals"]).every(isOpcode) &&
    isRecord(value["packets"]) &&
    Object.values(value["packets"]).every((layout) => typeof layout === "string")
  );
}

/** The lock in a file's text, or what is wrong with it. */
export function parseLock(text: string): Lock | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `it is not JSON: ${(error as Error).message}`;
  }
  if (!isRecord(value) || value["format"] !== 1) return 'its "format" is not 1';
  const interfaces = value["interfaces"];
  if (!isRecord(interfaces)) return 'it has no "interfaces"';
  for (const [name, entry] of Object.entries(interfaces))
    if (!isInterfaceLock(entry)) return `its entry for ${name} is incomplete`;
  return { format: 1, interfaces: interfaces as Record<string, InterfaceLock> };
}

function sorted<T>(entries: Readonly<Record<string, T>>, rank: (value: T) => number): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).sort(([a, x], [b, y]) => rank(x) - rank(y) || (a < b ? -1 : 1)));
}

/** The text of a lock file: the same for the same numbers. */
export function lockText(lock: Lock): string {
  const interfaces = Object.fromEntries(
    Object.entries(lock.interfaces)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, entry]) => [
        name,
        {
          version: entry.version,
          operations: sorted(entry.operations, (operation) => operation.opcode),
          removed: sorted(entry.removed, (operation) => operation.opcode),
          errors: entry.errors,
          signals: sorted(entry.signals, (number) => number),
          packets: sorted(entry.packets, () => 0),
        },
      ]),
  );
  return `${JSON.stringify({ format: lock.format, interfaces }, undefined, 2)}\n`;
}
