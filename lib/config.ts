/** A component's configuration: its `config` ROM, checked against the component's schema, as it is and as it changes. */
import { isDeepStrictEqual } from "node:util";
import type { Env } from "../base/env.js";
import { errorMessage, SessionError } from "../base/errors.js";
import { JsonError, jsonPlace, type Place, parseJson } from "../base/json-text.js";
import { type Problem, pathText, type Schema } from "../base/schema.js";
import { Rom, type RomConnection } from "../sessions/rom/index.js";

/** What checks a configuration: a schema, or something that makes more of it than a schema can. */
export type ConfigParser<Config> = Pick<Schema<Config>, "parse">;

function refusal(place: Place, message: string): SessionError {
  return new SessionError("InvalidArgument", `config:${place.line}:${place.column}: ${message}`);
}

/**
 * Checks a document. An empty one is `{}`: without a `config` in the system file, all defaults hold.
 * @throws SessionError `InvalidArgument` with every problem, each with line and column
 */
function parseConfig<Config>(text: string, parser: ConfigParser<Config>): Config {
  const problems: Problem[] = [];
  let document: unknown;
  try {
    document = text === "" ? {} : parseJson(text);
  } catch (error) {
    throw error instanceof JsonError ? refusal(error.place, error.message) : error;
  }
  const config = parser.parse(document, [], problems);
  if (problems.length === 0) return config;
  const sentences = problems.map(({ path, message, at }) => {
    const place = text === "" ? { line: 1, column: 1 } : jsonPlace(text, path, at);
    // A key that is wrong is named by its message.
    return refusal(place, path.length === 0 || at === "key" ? message : `${pathText(path)}: ${message}`).message;
  });
  throw new SessionError("InvalidArgument", sentences.join("\n"));
}

export class ConfigFile<Config> implements AsyncDisposable {
  readonly #env: Env;
  readonly #rom: RomConnection;
  readonly #parser: ConfigParser<Config>;
  #current: Config;

  private constructor(env: Env, rom: RomConnection, parser: ConfigParser<Config>, current: Config) {
    this.#env = env;
    this.#rom = rom;
    this.#parser = parser;
    this.#current = current;
  }

  /** Reads the configuration as it is now. @throws SessionError `InvalidArgument`, see {@link parseConfig} */
  static async open<Config>(env: Env, parser: ConfigParser<Config>): Promise<ConfigFile<Config>> {
    const rom = await env.connect(Rom, { label: "config" });
    try {
      return new ConfigFile(env, rom, parser, parseConfig(await rom.text(), parser));
    } catch (error) {
      await rom.close();
      throw error;
    }
  }

  /** The newest configuration that is in force. */
  get current(): Config {
    return this.#current;
  }

  /**
   * Keeps {@link current} up to date, and calls `apply` with each further configuration, one after another. One that is wrong, or that `apply` throws at, is
   * refused in the log, and what was in force stays so. `fromStart` names options that only a new start brings into
   * force; the log says so when one of them changes.
   */
  follow(
    apply: (next: Config, previous: Config) => void | Promise<void> = () => {},
    fromStart: readonly (keyof Config & string)[] = [],
  ): void {
    const first = this.#current;
    let last = Promise.resolve();
    const look = async (): Promise<void> => {
      const previous = this.#current;
      try {
        const next = parseConfig(await this.#rom.text(), this.#parser);
        if (isDeepStrictEqual(next, previous)) return;
        this.#current = next;
        await apply(next, previous);
        this.#sayWaiting(fromStart.filter((key) => changed(first, next, key) && changed(previous, next, key)));
      } catch (error) {
        this.#current = previous;
        console.error(`The configuration stays as it was: ${errorMessage(error)}`);
      }
    };
    const follow = (): void => {
      last = last.then(look);
    };
    this.#rom.onChange(follow);
    // What came between the first reading and now.
    follow();
  }

  /** Nothing more is followed. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#rom.close();
  }

  #sayWaiting(keys: readonly string[]): void {
    if (keys.length === 0) return;
    const names = keys.map((key) => `"${key}"`).join(", ");
    console.log(
      `${names} of the configuration: in force from the next start of "${this.#env.name}" on ("bulkhead restart", or another "version" in the system file)`,
    );
  }
}

function changed<Config>(before: Config, now: Config, key: keyof Config): boolean {
  return !isDeepStrictEqual(before[key], now[key]);
}
