/** Records that travel to native code and back as one 32-bit word a field. */

interface Field<Value> {
  pack(value: Value): number;
  unpack(word: number): Value;
}

export const number: Field<number> = { pack: (value) => value, unpack: (word) => word };
export const flag: Field<boolean> = { pack: Number, unpack: (word) => word === 1 };

/** One of some names, as its place among them; the first for a word that is none. */
export function oneOf<Name extends string>(names: readonly [Name, ...Name[]]): Field<Name> {
  return { pack: (name) => names.indexOf(name), unpack: (word) => names[word] ?? names[0] };
}

export class PackedRecord<Subject extends object> {
  readonly #fields: readonly (readonly [name: string, field: Field<unknown>])[];

  /** The order of the fields is that of the words. */
  constructor(fields: { readonly [Name in keyof Subject]-?: Field<Subject[Name]> }) {
    this.#fields = Object.entries(fields) as [string, Field<unknown>][];
  }

  pack(subject: Subject): Uint32Array {
    const values = subject as Readonly<Record<string, unknown>>;
    return Uint32Array.from(this.#fields, ([name, field]) => field.pack(values[name]));
  }

  unpack(words: Uint32Array): Subject {
    return Object.fromEntries(
      this.#fields.map(([name, field], index) => [name, field.unpack(words[index] ?? 0)]),
    ) as Subject;
  }

  /** The record that native code writes into the words it is given. */
  filledBy(fill: (words: Uint32Array) => void): Subject {
    const words = new Uint32Array(this.#fields.length);
    fill(words);
    return this.unpack(words);
  }
}
