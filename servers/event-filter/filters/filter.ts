/** What a filter is: it takes events and hands events on. */
import type { Schema } from "../../../base/schema.js";
import type { InputEvent } from "../../../sessions/event/event-record.js";

export type Sink = (event: InputEvent) => void;

export interface Filter {
  handle(event: InputEvent): void;
  /** Ends what the filter has under way. It hands on nothing afterwards. */
  close?(): void;
}

/** A wait that can be given up. */
export interface Waiting {
  cancel(): void;
}

/** What filters use of the component around them. */
export interface Surroundings {
  /** Milliseconds of a clock that only goes forwards. */
  now(): number;
  /** Calls `handler` once, after so many milliseconds. */
  after(milliseconds: number, handler: () => void): Waiting;
  /** Whether the ROM of this name says `{ "enabled": true }` now. */
  enabled(rom: string): boolean;
  /** Lock keys that are on, such as `caps`. They stay so when the configuration changes. */
  readonly locks: Set<string>;
  print(line: string): void;
  /** Publishes a document as the report of this name. */
  publish(report: string, document: unknown): void;
}

type Fields = Readonly<Record<string, Schema<unknown>>>;
type Values<F extends Fields> = { readonly [K in keyof F]: F[K] extends Schema<infer T> ? T : never };

/** A kind of filter: its settings, and how to make one. */
export interface FilterKind<Options extends Fields, Lists extends Fields> {
  /** What is said once. */
  readonly options: Options;
  /** Lists and tables: to these, included ROMs may add. */
  readonly lists: Lists;
  make(settings: Values<Options> & Values<Lists>, surroundings: Surroundings, sink: Sink): Filter;
}

/** States a kind of filter; only for its types. */
export function filterKind<const Options extends Fields, const Lists extends Fields>(
  kind: FilterKind<Options, Lists>,
): FilterKind<Options, Lists> {
  return kind;
}
