/** The monitor on the serial line of the default system, as somebody uses it who has joined with a terminal program. */
import { closeSync, constants, openSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { ReadStream } from "node:tty";
import * as assert from "uvu/assert";
import { packageRoot } from "../../bindings/prebuilt.js";
import { eventually, RunningSystem } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("monitor on the default system");
const limits = { timeout: 90_000 };

const prompt = "bulkhead> ";
/** The default system without a TAP, which would be an interface of this machine. */
function defaultSystem(): string {
  const text = readFileSync(join(packageRoot(), "systems/default.jsonc"), "utf8");
  const changed = text.replace('{ "tap": "bulkhead0" }, ', "");
  assert.is.not(changed, text, "the default system grants a TAP first");
  return changed;
}

function terminalOf(descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

/** The far end of the line. */
class Joined implements AsyncDisposable {
  readonly #stream: ReadStream;
  readonly #descriptor: number;
  readonly #file: string | undefined;
  text = "";

  constructor(path: string) {
    this.#descriptor = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
    this.#file = terminalOf(this.#descriptor);
    this.#stream = new ReadStream(this.#descriptor);
    this.#stream.setRawMode(true);
    this.#stream.setEncoding("utf8");
    this.#stream.on("data", (piece: string) => {
      this.text += piece;
    });
    this.#stream.on("error", () => {});
  }

  type(keys: string): void {
    this.#stream.write(keys);
  }

  until(expected: RegExp | string): Promise<string> {
    return eventually(`the line shows ${String(expected)}`, () =>
      (typeof expected === "string" ? this.text.includes(expected) : expected.test(this.text)) ? this.text : undefined,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it shows ${JSON.stringify(this.text.slice(-2000))}`);
    });
  }

  /** Types a command, and resolves to what it printed. */
  async command(line: string): Promise<string> {
    this.text = "";
    this.type(`${line}\r`);
    const text = await this.until(new RegExp(`\r\n${prompt}$`));
    return text.slice(text.indexOf("\r\n") + 2, -prompt.length).replaceAll("\r\n", "\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#stream.once("close", resolve));
    this.#stream.destroy();
    await closed;
    // The stream has opened the terminal a second time, and closes that one only.
    if (terminalOf(this.#descriptor) === this.#file) closeSync(this.#descriptor);
  }
}

let running: RunningSystem;
let line = "";
test.before(async (context) => {
  running = context.use(await RunningSystem.start(defaultSystem()));
  line = join(running.folder, "run/console");
});

/** Joins, and asks for a prompt: after a short absence nobody has noticed, the monitor does not greet. */
async function joined(): Promise<Joined> {
  const far = new Joined(line);
  try {
    far.type("\r");
    await far.until(new RegExp(`${prompt}$`));
    return far;
  } catch (error) {
    await far[Symbol.asyncDispose]();
    throw error;
  }
}

test("says how to join, and shows the system", limits, async (context) => {
  await eventually("the banner", () => (running.printed.includes(`picocom ${line}`) ? true : undefined));
  const far = context.use(await joined());
  const list = await far.command("ps");
  for (const name of ["log", "timer", "report-rom", "uart", "block", "nic", "monitor"])
    assert.match(list, new RegExp(`^${name} +alive`, "m"));
  assert.match(await far.command("sessions monitor"), /Terminal +monitor -> console +uart +OPEN/);
  assert.match(await far.command("quota"), /^monitor +8192 KiB/m);
  assert.match(await far.command("logs 50"), "[block]");
  assert.is(
    (JSON.parse(await far.command("report state")) as { children: Record<string, { state: string }> }).children["uart"]
      ?.state,
    "alive",
  );
  assert.match(await far.command("explain nic Block"), "denied");
  assert.match(await far.command("help"), "ping ADDRESS");
  assert.match(await far.command("pss"), 'did you mean "ps"');
});

test("edits lines, and recalls them", limits, async (context) => {
  const far = context.use(await joined());
  assert.match(await far.command("uptimx\u007fe"), /^up \d/);
  assert.match(await far.command("rubbish\u0015uptime"), /^up \d/);
  assert.match(await far.command("\u001b[A"), /^up \d/, "arrow up");
  assert.match(await far.command("uptme\u001b[D\u001b[Di"), /^up \d/, "arrow left, and a letter in between");
  far.text = "";
  far.type("nonsense\u0003");
  await far.until("^C");
  assert.match(await far.command("uptime"), /^up \d/);
});

test("writes and reads blocks, also while the driver is killed", limits, async (context) => {
  const far = context.use(await joined());
  assert.match(await far.command("blk info"), "16384 blocks of 512 bytes");
  assert.match(await far.command("blk write 7 so it goes"), "wrote 10 bytes to block 7");
  const before = await running.start("block");
  far.text = "";
  // The benchmark reads for a second; the driver dies in the middle of it.
  far.type("blk bench\r");
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.is((await running.run("kill", "block")).code, 0);
  await far.until(/reads of .* a second.*\r\nbulkhead> $/s);
  assert.ok((await running.start("block")) > before, "another driver finished the reads");
  assert.match(await far.command("blk read 7"), "so it goes");
  assert.match(await far.command("blk read 99999999"), "not within");
});

test("pings the neighbour", limits, async (context) => {
  const far = context.use(await joined());
  const answer = await far.command("ping 10.10.0.1 2");
  assert.match(answer, "64 bytes from 10.10.0.1");
  assert.match(answer, "2 of 2 answered");
  assert.match(await far.command("net"), "link up");
  const before = [await running.start("nic"), await running.start("far-nic")];
  for (const name of ["nic", "far-nic"]) assert.is((await running.run("restart", name)).code, 0);
  assert.ok(
    (await running.start("nic")) > (before[0] as number) && (await running.start("far-nic")) > (before[1] as number),
  );
  assert.match(await far.command("ping 10.10.0.1 2"), "2 of 2 answered", "the ends of a pair stay connected");
  far.text = "";
  far.type("ping 10.10.0.77 100\r");
  await far.until("Nobody answers");
  far.type("\u0003");
  await far.until(/\d of 100 answered[^>]*\^C\r\nbulkhead> $/);
});

test(
  "a neighbour whose address changes in the system file answers at the new one, and stays the same",
  limits,
  async (context) => {
    const far = context.use(await joined());
    const before = await running.start("neighbour");
    const move = (from: string, to: string): void =>
      running.edit((text) => text.replace(`{ "address": "${from}" }`, `{ "address": "${to}" }`));
    for (const [from, to] of [
      ["10.10.0.1", "10.10.0.5"],
      ["10.10.0.5", "10.10.0.1"],
    ] as const) {
      move(from, to);
      await eventually(`it answers at ${to}`, async () =>
        (await far.command(`ping ${to} 1`)).includes("1 of 1 answered") ? true : undefined,
      );
      assert.match(await far.command(`ping ${from} 1`), "0 of 1 answered");
    }
    assert.is(await running.start("neighbour"), before);
  },
);

test("outlives its terminal's driver, and its own death", limits, async (context) => {
  const far = context.use(await joined());
  const before = await running.start("uart");
  assert.match(await far.command("kill uart"), 'killed "uart"');
  await eventually("the driver runs again", async () => ((await running.start("uart")) > before ? true : undefined));
  assert.match(await far.command("uptime"), /^up \d/, "on the same line, which nobody has left");
  far.text = "";
  far.type("kill monitor\r");
  await far.until("help");
  assert.match(await far.command("uptime"), /^up \d/);
});

test("greets whoever comes after another one left", limits, async () => {
  for (let visitor = 0; visitor < 2; ++visitor) {
    // Absence is noticed within a tenth of a second.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await using far = new Joined(line);
    await far.until("lists the commands");
    await far.until(new RegExp(`${prompt}(half a li)?$`));
    far.type("half a li");
    await far.until("half a li");
  }
});

test.run();
