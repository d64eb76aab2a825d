// exclusive
// tier: machine of this architecture
// timeout: 900s
/** A virtual machine as the device under test: what it shows, hears and says is what programs in it did. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { Bench } from "../../hil/bench.js";
import { openBench } from "../../hil/benches.js";
import type { NeedName, Parts } from "../../hil/parts.js";
import { type Color, Picture } from "../../hil/picture.js";
import { NeedError, Target } from "../../hil/target.js";
import { useLater } from "../../hil/test-run.js";
import { installed } from "../device/host.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("machine under test");
const limits = { timeout: 240_000 };
const [width, height] = [640, 480];
let bench: Bench;

test.before(async (hook) => {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-machine-"));
  hook.defer(() => rmSync(folder, { recursive: true, force: true }));
  const devices = {
    screen: { kind: "display", adapter: "bochs", width, height },
    keys: { kind: "keyboard" },
    panel: { kind: "touch" },
    line: { kind: "uart" },
    speaker: { kind: "sound", card: "ac97" },
  };
  writeFileSync(join(folder, "machine.jsonc"), JSON.stringify({ devices }));
  bench = hook.use(await openBench(join(folder, "machine.jsonc")));
});

async function parts<Needs extends NeedName>(
  context: Context,
  ...needs: readonly Needs[]
): Promise<Pick<Parts, Needs>> {
  await bench.prepare?.(needs);
  try {
    return (await useLater(context, Target.start(bench, needs))).parts;
  } catch (error) {
    if (error instanceof NeedError && (process.env["CI"] ?? "") === "") return context.skip(error.message);
    throw error;
  }
}

test("the screen shows what a program drew", limits, async (context) => {
  const { display, shell } = await parts(context, "display", "shell");
  // The console's cursor would blink over the picture.
  await shell.run("echo 0 > /sys/class/graphics/fbcon/cursor_blink");
  // Blue, green, red, and a byte that nobody sees.
  const colors = { red: "0,0,255,0", blue: "255,0,0,0" };
  for (const [name, bytes] of Object.entries(colors)) {
    await shell.run(
      `node -e 'fs.writeFileSync("/dev/fb0", Buffer.alloc(${width * height * 4}, Buffer.from([${bytes}])))'`,
    );
    const wanted = name === "red" ? [255, 0, 0, 255] : [0, 0, 255, 255];
    // What was written is on the screen with one of its next frames.
    let picture = await display.screenshot();
    for (let frame = 0; String(picture.at(0, 0)) !== String(wanted) && frame < 50; ++frame) {
      await delay(100);
      picture = await display.screenshot();
    }
    assert.equal([picture.width, picture.height], [width, height]);
    assert.is(picture.compare(new Picture(width, height).fill(wanted as unknown as Color)).different, 0, name);
  }
});

test("its serial line is a line here, through the driver", limits, async (context) => {
  const { shell, uart } = await parts(context, "shell", "uart");
  await shell.run(
    "stty -F /dev/ttyS1 raw -echo; (while read -r word < /dev/ttyS1; do echo you said $word > /dev/ttyS1; done) > /dev/null 2>&1 < /dev/null &",
  );
  await delay(300);
  await uart.send("hello\n");
  await uart.expect("you said hello", { within: "10s" });
});

test("a pressed key is one in the machine", limits, async (context) => {
  const { input, shell } = await parts(context, "input", "shell");
  const nodes = (await shell.run("grep -l -i keyboard /sys/class/input/event*/device/name | cut -d/ -f5"))
    .trim()
    .split("\n");
  // struct input_event has 24 bytes; type 1 is a key, code 30 the A.
  const reader = (node: string): string =>
    `const fd = fs.openSync("/dev/input/${node}"); const event = Buffer.alloc(24);
     do fs.readSync(fd, event); while (event.readUInt16LE(16) !== 1);
     console.log(event.readUInt16LE(18));`;
  const reading = Promise.race(nodes.map((node) => shell.run(`node -e '${reader(node)}'`, { within: "20s" })));
  let done = false;
  void reading.finally(() => (done = true)).catch(() => {});
  while (!done) {
    await input.press("a");
    await delay(100);
  }
  assert.is((await reading).trim(), "30");
});

test("a finger is one in the machine, and what it has not is named", limits, async (context) => {
  const { input, shell } = await parts(context, "input", "shell");
  const [node = ""] = (await shell.run("grep -l -x panel /sys/class/input/event*/device/name | cut -d/ -f5")).split(
    "\n",
  );
  // The tracking id and both places of the first report: type 3, and codes 57, 53 and 54.
  const reading = shell.run(
    `head -c 72 /dev/input/${node} | od -An -tu2 -v -w24 -j16 | awk 'NR == 1 { print $1, $2 }'`,
    {
      within: "20s",
    },
  );
  let done = false;
  void reading.finally(() => (done = true)).catch(() => {});
  while (!done) {
    await input.touch({ finger: 0, x: 0.5, y: 0.5 });
    await input.lift();
    await delay(100);
  }
  assert.is((await reading).trim(), "3 57");
  const refused = await input.point(0, 0).then(
    () => "none",
    (error: Error) => error.message,
  );
  assert.match(refused, /no device of the kind "tablet"/);
});

test("what it plays is heard", limits, async (context) => {
  if (!installed("aplay") || !installed("sox")) context.skip("needs aplay and sox: apt-get install alsa-utils sox");
  const { shell, sound } = await parts(context, "shell", "sound");
  await shell.run("amixer -q sset Master 100% unmute; amixer -q sset PCM 100% unmute; true");
  const playing = shell.run("sox -q -n -r 48000 -c 2 -b 16 -t wav - synth 3 sine 1000 vol 0.5 | aplay -q -D hw:0", {
    within: "30s",
  });
  const heard = await sound.record("1s");
  await playing;
  assert.is(heard.seconds, 1);
  assert.ok(Math.abs((heard.frequency() as number) - 1000) < 10, `${heard.frequency()} Hz`);
});

test.run();
