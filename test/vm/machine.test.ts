// exclusive
// tier: machine of this architecture
// timeout: 900s
/** The bench itself: what a test does outside is what programs of the guest see, and the other way round. */
import { readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type Context, suite } from "../support/suite.js";
import { machineOf, patience, startMachine } from "./guest.js";

const test = suite("machine");
const machine = machineOf(test, { bench: "examples/bench/full.jsonc" });
const limits = { timeout: 300_000 };

/** An input event of the kernel: 16 bytes of time, type, code, value. */
function events(bytes: string): { type: number; code: number; value: number }[] {
  const raw = Buffer.from(bytes, "base64");
  return Array.from({ length: Math.floor(raw.length / 24) }, (_, index) => ({
    type: raw.readUInt16LE(index * 24 + 16),
    code: raw.readUInt16LE(index * 24 + 18),
    value: raw.readInt32LE(index * 24 + 20),
  }));
}

/** The event node of an input device. */
async function eventNode(context: Context, name: string): Promise<string> {
  const nodes = await machine(context).nodes(name, {});
  const event = nodes.find((node) => node.name.startsWith("event"));
  assert.ok(event?.path, `"${name}" has an event node`);
  return event?.path as string;
}

/** What a device tells while `act` runs. */
async function told(context: Context, name: string, count: number, act: () => Promise<void>) {
  const path = await eventNode(context, name);
  const script = `exec 3<"$1"; echo open; head -c ${count * 24} <&3 | base64 -w 0; echo`;
  const reader = machine(context).spawn(["sh", "-c", script, "sh", path]);
  await reader.line((line) => line === "open", { within: patience });
  await act();
  return events(await reader.line(() => true, { within: patience }));
}

for (const name of ["keys", "second-keys"]) {
  test(`${name}: a key that is pressed is the key that the guest reads`, limits, async (context) => {
    // Scan code (USB only), key, end of the report.
    const count = name === "keys" ? 6 : 4;
    const read = await told(context, name, count, () => machine(context).keyboard(name).type("a"));
    const keys = read.filter(({ type }) => type === 1);
    assert.equal(
      keys.map(({ code, value }) => [code, value]),
      [
        [30, 1],
        [30, 0],
      ],
    );
  });
}

test("mouse and tablet: moves and places arrive", limits, async (context) => {
  const moved = await told(context, "mouse", 3, () => machine(context).pointer("mouse").move(7, -5));
  assert.equal(
    moved.filter(({ type }) => type === 2).map(({ code, value }) => [code, value]),
    [
      [0, 7],
      [1, -5],
    ],
  );
  const placed = await told(context, "tablet", 3, () => machine(context).pointer("tablet").point(0.5, 0.25));
  assert.equal(
    placed.filter(({ type }) => type === 3).map(({ code, value }) => [code, value]),
    [
      [0, 16_384],
      [1, 8192],
    ],
  );
});

test("a picture shows what a program has drawn, pixel by pixel", limits, async (context) => {
  const guest = machine(context);
  const display = await guest.node("second", "graphics");
  // The console would draw into it.
  const script = `for v in /sys/class/vtconsole/*; do echo 0 >$v/bind 2>/dev/null; done
    python3 - "$1" <<'PROGRAM'
import fcntl, mmap, os, sys
screen = os.open(sys.argv[1], os.O_RDWR)
mode = bytearray(160)
fcntl.ioctl(screen, 0x4600, mode)
fcntl.ioctl(screen, 0x4606, mode)
memory = mmap.mmap(screen, 800 * 600 * 4)
for row in range(600):
    memory[row * 3200:(row + 1) * 3200] = b"".join(bytes((column & 255, row & 255, 200, 0)) for column in range(800))
PROGRAM`;
  await guest.output(["sh", "-c", script, "sh", display], { within: patience });
  const shown = guest.display("second");
  const right = async (): Promise<string> => {
    const { width, height, pixels } = await shown.picture();
    if (width !== 800 || height !== 600) return `${width} x ${height}`;
    for (let row = 0; row < height; ++row)
      for (let column = 0; column < width; ++column) {
        const at = (row * width + column) * 3;
        if (pixels[at] !== 200 || pixels[at + 1] !== (row & 255) || pixels[at + 2] !== (column & 255))
          return `pixel ${column}, ${row} is ${pixels.subarray(at, at + 3).join()}`;
      }
    return "right";
  };
  let seen = await right();
  // The kernel hands on what was drawn a little later.
  for (let attempt = 0; seen !== "right" && attempt < 50; ++attempt) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    seen = await right();
  }
  assert.is(seen, "right");
  const file = join(tmpdir(), "screen.png");
  context.defer(() => rmSync(file, { force: true }));
  await shown.save(file);
  assert.equal([...readFileSync(file).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
});

test("accesses to a sector fail from one moment on, until they do not", limits, async (context) => {
  const guest = machine(context);
  const path = await guest.node("disk", "block");
  const read = async (sector: number): Promise<number | null> => {
    const command = ["dd", `if=${path}`, "of=/dev/null", "bs=512", "count=1", `skip=${sector}`, "iflag=direct"];
    return (await guest.run(command, { within: patience })).code;
  };
  assert.is(await read(64), 0);
  await guest.disk("disk").fail({ operation: "read", sector: 64 });
  assert.is(await read(64), 1);
  assert.is(await read(63), 0);
  await guest.disk("disk").fail({ operation: "read", sector: 80 });
  assert.is(await read(64), 0);
  assert.is(await read(80), 1);
  await guest.disk("disk").fail();
  assert.is(await read(80), 0);
});

for (const name of ["disk", "bad"]) {
  test(`${name}: a disk that grows and shrinks under the guest has its new size there`, limits, async (context) => {
    const guest = machine(context);
    const path = await guest.node(name, "block");
    const before = statSync(guest.disk(name).file).size;
    for (const size of [before * 2, before / 2, before]) {
      await guest.disk(name).resize(size);
      // The kernel is told, and asks the disk a moment later.
      let seen = 0;
      for (let attempt = 0; seen !== size && attempt < 100; ++attempt)
        seen = Number(await guest.output(["blockdev", "--getsize64", path], { within: patience }));
      assert.is(seen, size);
      assert.is(statSync(guest.disk(name).file).size, size, "the file below it has that size, too");
    }
    await guest.output(["dd", "if=/dev/zero", `of=${path}`, "bs=512", "count=1", "oflag=direct"], { within: patience });
  });
}

test("a disk whose bus has no words for another size keeps it, and says so", limits, async (context) => {
  const said = await machine(context)
    .disk("fast")
    .resize(2 ** 27)
    .then(
      () => "nothing",
      (error: Error) => error.message,
    );
  assert.match(said, /"fast" keeps its size: its bus \(nvme\)/);
});

for (const name of ["lan", "lab"]) {
  test(`${name}: a cable that is pulled out and put back is one for the guest`, limits, async (context) => {
    const guest = machine(context);
    const network = await guest.node(name, "net");
    await guest.output(["ip", "link", "set", network, "up"]);
    const becomes = async (carrier: string): Promise<void> => {
      let seen = "";
      for (let attempt = 0; seen !== carrier && attempt < 100; ++attempt)
        seen = (await guest.output(["cat", `/sys/class/net/${network}/carrier`], { within: patience })).trim();
      assert.is(seen, carrier);
    };
    await becomes("1");
    await guest.ethernet(name).setLink(false);
    await becomes("0");
    assert.match(await guest.output(["ip", "link", "show", network]), /NO-CARRIER/);
    await guest.ethernet(name).setLink(true);
    await becomes("1");
    assert.match(await guest.output(["ip", "link", "show", network]), /LOWER_UP/);
  });
}

test(
  "the clock starts where the bench file says, and can be set; a frozen machine does nothing",
  limits,
  async (context) => {
    const guest = machine(context);
    // As the chip said at the start, in the last seconds of a month.
    const started = Date.parse("2026-02-28T23:59:50Z");
    const now = Number(await guest.output(["date", "+%s"])) * 1000;
    assert.ok(now >= started && now < started + 300_000, new Date(now).toISOString());
    await guest.setClock(new Date("2031-05-06T07:08:09Z"));
    assert.match(await guest.output(["date", "-u", "+%FT%T"]), /^2031-05-06T07:0/);
    await guest.freeze();
    const waiting = guest.run(["true"], { within: "300ms" });
    await waiting.then(
      () => assert.unreachable("a frozen machine has answered"),
      (error: Error) => assert.match(error.message, /in vain/),
    );
    await guest.continue();
    assert.is((await guest.run(["true"], { within: patience })).code, 0);
  },
);

test("a guest that panics ends its machine, with its last words", limits, async (context) => {
  const guest = await startMachine(context, {});
  const ended = await guest.run(["sh", "-c", "echo c >/proc/sysrq-trigger; sleep 30"], { within: patience }).then(
    () => "nothing",
    (error: Error) => error.message,
  );
  assert.match(ended, /ended by itself.*Kernel panic - not syncing: sysrq triggered crash/s);
});

test.run();
