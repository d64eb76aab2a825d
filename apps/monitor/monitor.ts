/** The monitor: reads lines from a terminal and runs commands, one at a time. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { suggestion } from "../../base/nearest.js";
import { Block, type BlockConnection } from "../../sessions/block/index.js";
import { Nic, type NicConnection } from "../../sessions/nic/index.js";
import { System, type SystemConnection } from "../../sessions/system/index.js";
import { Terminal, type TerminalConnection } from "../../sessions/terminal/index.js";
import type { Desk, MonitorCommand } from "./command.js";
import { blockCommands } from "./commands/block.js";
import { networkCommands } from "./commands/network.js";
import { reportCommands } from "./commands/report.js";
import { systemCommands } from "./commands/system.js";
import type { MonitorConfig } from "./config.js";
import { LineEditor } from "./line-editor.js";
import { Screen } from "./screen.js";

/** How long a session may take to open: its server may be restarting. */
const patience = "10s";
const clearScreen = "\u001b[H\u001b[2J";
const interruptKey = "\u0003";
/** What somebody may type ahead while a command runs. */
const typedAhead = 4096;

/** Opens something once; a failure is tried again the next time. */
function once<Value>(open: () => Promise<Value>): () => Promise<Value> {
  let opened: Promise<Value> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

export class Monitor {
  readonly #env: Env;
  #config: MonitorConfig;
  readonly #terminal: TerminalConnection;
  readonly #screen: Screen;
  readonly #editor = new LineEditor();
  readonly #commands: readonly MonitorCommand[];
  readonly #system: () => Promise<SystemConnection>;
  readonly #block: () => Promise<BlockConnection>;
  readonly #nic: () => Promise<NicConnection>;
  /** Ends the command that runs. */
  #running: AbortController | undefined;
  /** Typed while a command runs. */
  #ahead = "";
  #connected = false;

  private constructor(env: Env, config: MonitorConfig, terminal: TerminalConnection) {
    this.#env = env;
    this.#config = config;
    this.#terminal = terminal;
    this.#screen = new Screen(terminal);
    this.#system = once(() => env.connect(System, { within: patience }));
    this.#block = once(() => env.connect(Block, { label: "disk", within: patience }));
    this.#nic = once(() =>
      env.connect(Nic, { label: "net", txBufferSize: "64K", rxBufferSize: "64K", within: patience }),
    );
    this.#commands = [
      ...systemCommands,
      ...reportCommands,
      ...blockCommands,
      ...networkCommands,
      this.#clear,
      this.#help,
    ];
  }

  static async open(env: Env, config: MonitorConfig): Promise<Monitor> {
    return new Monitor(env, config, await env.connect(Terminal, { label: "console" }));
  }

  /** From the next prompt and the next command on. */
  configure(config: MonitorConfig): void {
    this.#config = config;
  }

  readonly #clear: MonitorCommand = {
    name: "clear",
    summary: "clear the screen",
    run: (desk) => desk.write(clearScreen),
  };

  readonly #help: MonitorCommand = {
    name: "help",
    summary: "this list",
    run: async (desk) => {
      const rows = this.#commands.map((command): [string, string] => [
        `${command.name} ${command.arguments ?? ""}`.trimEnd(),
        command.summary,
      ]);
      const width = Math.max(...rows.filter(([left]) => left.length < 40).map(([left]) => left.length));
      await desk.print(
        rows
          .map(([left, right]) =>
            left.length > width ? `${left}\n${" ".repeat(width)}  ${right}` : `${left.padEnd(width)}  ${right}`,
          )
          .join("\n"),
      );
      await desk.print("Keys: backspace, Ctrl-U and Ctrl-W erase, arrows move and recall, Ctrl-C ends a command.");
    },
  };

  /** Serves the terminal until the component ends. */
  async run(): Promise<void> {
    this.#terminal.onConnectedChange(() => void this.#farEndChanged());
    this.#terminal.onRestart(() => void this.#restarted());
    await this.#farEndChanged();
    // private copy: the terminal's pieces are
    const decoder = new TextDecoder();
    for await (const piece of this.#terminal.bytes()) {
      // Whoever types is there, whatever the line says.
      if (!this.#connected) await this.#farEnd(true);
      await this.#typed(decoder.decode(piece, { stream: true }));
    }
  }

  async #farEndChanged(): Promise<void> {
    await this.#farEnd(await this.#terminal.connected());
  }

  async #farEnd(connected: boolean): Promise<void> {
    this.#screen.farEnd(connected);
    const joined = connected && !this.#connected;
    this.#connected = connected;
    if (joined) await this.#greet();
  }

  /** A screen that the server has itself came back empty. */
  async #restarted(): Promise<void> {
    if ((await this.#terminal.size()).columns > 0) await this.#greet();
  }

  /** A command that runs ends with a prompt anyway. */
  async #greet(): Promise<void> {
    if (this.#running !== undefined) return;
    await this.#screen.write(`\r\n${this.#config.greeting}\r\n${this.#config.prompt}${this.#editor.shown}`);
  }

  async #typed(text: string): Promise<void> {
    if (this.#running === undefined) return this.#edit(text);
    // While a command runs, only the interrupt counts at once.
    const at = text.lastIndexOf(interruptKey);
    if (at >= 0) {
      this.#ahead = text.slice(at + 1);
      this.#running.abort();
    } else this.#ahead = (this.#ahead + text).slice(0, typedAhead);
  }

  async #edit(text: string): Promise<void> {
    const events = this.#editor.feed(text);
    for (const [index, event] of events.entries()) {
      if (event.kind === "echo") await this.#screen.write(event.text);
      else if (event.kind === "interrupt") await this.#screen.write(this.#config.prompt);
      else if (event.kind === "clear")
        await this.#screen.write(`${clearScreen}${this.#config.prompt}${this.#editor.shown}`);
      else if (event.text === "") await this.#screen.write(this.#config.prompt);
      else {
        // Later lines of the same piece wait for this command.
        const later = events.slice(index + 1);
        void this.#command(
          event.text,
          later.filter((one) => one.kind === "line").map((one) => one.text),
        );
        return;
      }
    }
  }

  async #command(line: string, later: readonly string[]): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    await this.#perform(line, running.signal);
    for (const next of running.signal.aborted ? [] : later) {
      if (next === "") continue;
      await this.#screen.write(`${this.#config.prompt}${next}\r\n`);
      await this.#perform(next, running.signal);
    }
    this.#running = undefined;
    await this.#screen.write(`${running.signal.aborted ? "^C\r\n" : ""}${this.#config.prompt}${this.#editor.shown}`);
    const ahead = this.#ahead;
    this.#ahead = "";
    if (ahead !== "") await this.#edit(ahead);
  }

  async #perform(line: string, signal: AbortSignal): Promise<void> {
    const [name = "", ...given] = line.split(/\s+/);
    const desk: Desk = {
      env: this.#env,
      config: this.#config,
      signal,
      print: (text) => this.#screen.print(text),
      write: (text) => this.#screen.write(text),
      system: this.#system,
      block: this.#block,
      nic: this.#nic,
    };
    try {
      const command = this.#commands.find((one) => one.name === name);
      if (command === undefined) {
        await desk.print(
          `There is no command "${name}"${suggestion(
            name,
            this.#commands.map((one) => one.name),
          )}`,
        );
        return;
      }
      await command.run(desk, given);
    } catch (error) {
      if (!signal.aborted) await desk.print(errorMessage(error));
    }
  }
}
