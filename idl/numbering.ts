/** Opcodes, error and signal numbers: explicit ones first, then the lock file's, then the next free one. */
import { type Diagnostics, type Position, positionText } from "./diagnostics.js";
import type { InterfaceLock } from "./lock.js";

export const maxOpcode = 0xffff;
/** Signals of one direction of a session. */
export const maxSignals = 16;

/** Something that needs a number of its own. */
export interface Numbered {
  readonly name: string;
  readonly at: Position;
  /** What the definition itself says. */
  readonly explicit: number | undefined;
  /** What it has as a member of a part; kept where nothing else has it. */
  readonly preferred: number | undefined;
}

interface Plan {
  /** "Opcode", "Signal". */
  readonly what: string;
  readonly locked: ReadonlyMap<string, number>;
  /** Numbers that belonged to something that is gone. */
  readonly reserved: ReadonlyMap<number, string>;
  readonly max: number;
}

/** A number for each name. */
export function numbers(items: readonly Numbered[], plan: Plan, diagnostics: Diagnostics): ReadonlyMap<string, number> {
  const { what, locked, reserved, max } = plan;
  const given = new Map<string, number>();
  const taken = new Map<number, Numbered>();
  const give = (item: Numbered, number: number): void => {
    given.set(item.name, number);
    taken.set(number, item);
  };
  for (const item of items) {
    if (item.explicit === undefined) continue;
    const other = taken.get(item.explicit);
    const former = reserved.get(item.explicit);
    if (other !== undefined)
      diagnostics.report(
        item.at,
        `${what} ${item.explicit} of ${item.name} collides with ${other.name} at ${positionText(other.at)}`,
      );
    else if (former !== undefined && former !== item.name)
      diagnostics.report(
        item.at,
        `${what} ${item.explicit} of ${item.name} is reserved: it belonged to ${former}, which the lock file lists as removed`,
      );
    give(item, item.explicit);
  }
  const free = (number: number): boolean => !taken.has(number) && !reserved.has(number);
  const waiting = items.filter((item) => item.explicit === undefined);
  for (const item of waiting) {
    const number = locked.get(item.name);
    if (number === undefined) continue;
    const other = taken.get(number);
    if (other === undefined) give(item, number);
    // A part that got a new number takes another one in its compound; within one interface that would break clients.
    else if (item.preferred === undefined) {
      diagnostics.report(
        other.at,
        `${what} ${number} of ${other.name} is taken: the lock file gave it to ${item.name}`,
      );
      given.set(item.name, number);
    }
  }
  for (const item of waiting) {
    if (!given.has(item.name) && item.preferred !== undefined && free(item.preferred)) give(item, item.preferred);
  }
  let next = 0;
  for (const item of waiting) {
    if (given.has(item.name)) continue;
    while (!free(next)) next += 1;
    if (next > max) {
      diagnostics.report(item.at, `No number up to ${max} is free for ${item.name}`);
      break;
    }
    give(item, next);
  }
  return given;
}

/** Error names by number: those of the lock file keep theirs, new ones follow. */
export function errorOrder(names: readonly string[], lock: InterfaceLock | undefined): readonly string[] {
  const locked = lock?.errors ?? [];
  return [...locked, ...names.filter((name) => !locked.includes(name))];
}
