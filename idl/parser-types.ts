/** Definitions of types and constants, which files and interfaces share. */
import { suggestion } from "../base/nearest.js";
import type { Cursor } from "./cursor.js";
import type { EnumSyntax, SharedMember, StructSyntax, VariantSyntax } from "./syntax.js";

export const sharedKeywords: readonly string[] = ["enum", "struct", "packet", "variant", "type", "const"];

export function parseShared(cursor: Cursor, docs: readonly string[]): SharedMember {
  const keyword = cursor.take().text as SharedMember["declares"];
  const name = cursor.name(`the name of the ${keyword}`);
  switch (keyword) {
    case "enum": {
      const base = cursor.accept(":") ? cursor.type() : undefined;
      const items = cursor.list("{", "}", `of enum ${name.text}`, true, () => enumItem(cursor));
      cursor.accept(";");
      return { declares: keyword, name, docs, base, items };
    }
    case "struct":
    case "packet":
      return { declares: keyword, name, docs, fields: fields(cursor, keyword, name.text) };
    case "variant": {
      const base = cursor.accept(":") ? cursor.type() : undefined;
      const cases = cursor.list("{", "}", `of variant ${name.text}`, true, () => variantCase(cursor));
      cursor.accept(";");
      return { declares: keyword, name, docs, base, cases };
    }
    case "type": {
      cursor.expect("=", "after the name of the type");
      const type = cursor.type();
      cursor.expect(";", "after the type");
      return { declares: keyword, name, docs, type };
    }
    case "const": {
      cursor.expect(":", "and a type after the name of the constant");
      const type = cursor.type();
      cursor.expect("=", "after the type of the constant");
      const value = cursor.expression("a value");
      cursor.expect(";", "after the constant");
      return { declares: keyword, name, docs, type, value };
    }
    default:
      return cursor.fail(`Unknown definition "${String(keyword)}"${suggestion(String(keyword), sharedKeywords)}`);
  }
}

function enumItem(cursor: Cursor): EnumSyntax["items"][number] {
  const { docs } = cursor.token;
  const name = cursor.name("the name of an item");
  cursor.expect("=", `and a number after "${name.text}"`);
  return { name, docs, value: cursor.expression("a number") };
}

function variantCase(cursor: Cursor): VariantSyntax["cases"][number] {
  const { docs } = cursor.token;
  const name = cursor.name("the name of a case");
  let type: VariantSyntax["cases"][number]["type"];
  if (cursor.accept("(")) {
    type = cursor.type();
    cursor.expect(")", "after the type of the case");
  }
  return { name, docs, type, value: cursor.accept("=") ? cursor.expression("a number") : undefined };
}

function fields(cursor: Cursor, keyword: string, name: string): StructSyntax["fields"] {
  const found: StructSyntax["fields"][number][] = [];
  cursor.expect("{", `after the name of the ${keyword}`);
  while (!cursor.is("}")) {
    const { docs } = cursor.token;
    const field = cursor.name("the name of a field");
    cursor.expect(":", `and a type after "${field.text}"`);
    const type = cursor.type();
    cursor.expect(";", `after the field ${field.text}`);
    found.push({ name: field, docs, type });
  }
  cursor.expect("}", `at the end of ${keyword} ${name}`);
  cursor.accept(";");
  return found;
}
