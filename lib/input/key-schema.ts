/** Keys and buttons in documents: by their names there, by their numbers once parsed. */
import { suggestion } from "../../base/nearest.js";
import { described, type Options, reject, rejectKey, type Schema, shown } from "../../base/schema.js";
import { findKeyCode, keyNames } from "./key-codes.js";

const pattern = "^(KEY|BTN)_[A-Z0-9_]+$";

function unknownKey(name: string): string {
  return `Unknown key ${shown(name)}${suggestion(name, keyNames)}`;
}

/** A key by its name. */
export function keySchema(options: Options<string> = {}) {
  return described<number>(
    {
      type: "key name",
      matches: (value) => typeof value === "string",
      parse(value, path, problems) {
        if (typeof value !== "string") return reject(problems, path, `Expected a key name, not ${shown(value)}`);
        return findKeyCode(value) ?? reject(problems, path, unknownKey(value));
      },
      jsonSchema: () => ({ type: "string", pattern }),
    },
    options,
  );
}

/** An object with an entry a key; parsed, a table. */
export function keyTable<T>(item: Schema<T>, options: Options<object> = {}) {
  return described<ReadonlyMap<number, T>>(
    {
      type: "object of named keys",
      matches: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
      takesObjects: () => true,
      parse(value, path, problems) {
        if (typeof value !== "object" || value === null || Array.isArray(value))
          return reject(problems, path, `Expected an object, not ${shown(value)}`);
        const table = new Map<number, T>();
        for (const [name, entry] of Object.entries(value)) {
          const code = findKeyCode(name);
          if (code === undefined) rejectKey(problems, [...path, name], unknownKey(name));
          else table.set(code, item.parse(entry, [...path, name], problems));
        }
        return table;
      },
      jsonSchema: (definitions) => ({
        type: "object",
        additionalProperties: item.jsonSchema(definitions),
        propertyNames: { pattern },
      }),
      parts: () => [{ key: ".KEY", schema: item, entry: true }],
    },
    options,
  );
}
