// exclusive
// tier: arm64 machine
// timeout: 900s
/**
 * A machine of another architecture: its own root, its devices, the native core and the session tests under its kernel,
 * and drivers in their sandboxes.
 */
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";
import { compiledForArm64 } from "./cross-build.js";
import { checkCopy, diskSize, fileSystemImage } from "./disk-checks.js";
import { machineOf, patience, startTime } from "./guest.js";
import { checkLine } from "./line-checks.js";

const test = suite("arm64 machine");
let programs: readonly string[] = [];

const machine = machineOf(test, (hook) => {
  programs = compiledForArm64();
  return {
    architecture: "arm64",
    within: startTime,
    // One processor: QEMU 7.2 lets an ldar pass an earlier stlr, and then wake-ups are lost between two.
    bench: {
      machine: { memory: "1G", spare: 1 },
      devices: {
        disk: { kind: "disk", image: fileSystemImage(hook) },
        copy: { kind: "disk", size: diskSize },
        wire: { kind: "network" },
        line: { kind: "uart", port: "pci" },
        keys: { kind: "keyboard" },
        panel: { kind: "touch" },
      },
    },
  };
});
const limits = { timeout: 700_000 };
const wait = { within: patience };
/** Of the two million that the test of rings under load sends: as many as under a sanitizer, which is as slow. */
const fewerPackets = "400000";

test("Node.js runs, and sees the work tree", limits, async (context) => {
  const script = "console.log(process.arch, os.machine(), fs.existsSync('test/vm/arm64.test.ts'))";
  assert.is(await machine(context).output(["node", "-e", script], wait), "arm64 aarch64 true\n");
});

test("its devices have nodes, and are driven from outside", limits, async (context) => {
  const guest = machine(context);
  assert.is(await guest.node("disk", "block"), "/dev/vda");
  assert.match(await guest.node("wire", "net"), /^eth\d/);
  assert.match(await guest.node("keys", "input"), /^\/dev\/input\/event\d/);
  const script = 'exec <"$1"; echo open; head -n 1';
  const reader = guest.spawn(["sh", "-c", script, "sh", await guest.node("line", "tty")]);
  await reader.line((line) => line === "open", wait);
  await guest.serial("line").write("hello\n");
  assert.is((await reader.ended(wait)).output, "open\nhello\n");
  const panel = (await guest.nodes("panel", wait)).find(({ name }) => name.startsWith("event"))?.path as string;
  const touched = guest.spawn(["sh", "-c", 'exec 3<"$1"; echo open; head -c 24 <&3 | od -An -tu2 -v', "sh", panel]);
  await touched.line((line) => line === "open", wait);
  guest.touch("panel").touch({ finger: 0, x: 0.5, y: 0.5 });
  // The kernel gives the first finger its first tracking id: type 3, code 57, value 0.
  assert.match((await touched.ended(wait)).output, /\s3\s+57\s+0\s+0\s*$/);
  await guest.devices.add("other", { kind: "disk", size: "2M" });
  const name = (await guest.node("other", "block")).replace("/dev/", "");
  assert.is(await guest.output(["cat", `/sys/block/${name}/size`], wait), "4096\n");
  await guest.devices.remove("other");
});

test("the tests of the native core pass", limits, async (context) => {
  const guest = machine(context);
  assert.ok(programs.length > 3, programs.join());
  for (const program of programs) {
    const words = program.endsWith("/stress.test") ? ["--packets", fewerPackets] : [];
    const { code, output, errors } = await guest.run([program, ...words], {
      environment: { TMPDIR: "/tmp" },
      within: "400s",
    });
    console.log(`${program}: ${output.trim().split("\n").at(-1)}`);
    assert.is(code, 0, `${program}: ${output}${errors}`);
    assert.match(output, /^[1-9]\d* passed, 0 failed/m);
  }
});

test("the session tests pass", limits, async (context) => {
  const words = ["--no-build", "--jobs", "1", "--marked", "emulated", "--require-tests", "--timeout", "120"];
  const environment = { CXX: "aarch64-linux-gnu-g++", BULKHEAD_TEST_SLOWNESS: "4" };
  const command = ["scripts/test", ...words, "test/base/", "test/sessions/"];
  const { output, errors } = await machine(context).run(command, { environment, within: "600s" });
  console.log(output.trim());
  assert.match(output, /^[1-9]\d* passed, 0 failed, 0 skipped$/m, errors);
});

test("the UART driver passes bytes both ways, and sets its line", limits, async (context) => {
  const guest = machine(context);
  await checkLine(context, guest, "line", await guest.node("line", "tty"));
});

test("two block drivers copy a file system from disk to disk", limits, async (context) => {
  const guest = machine(context);
  const [from, to] = [await guest.node("disk", "block"), await guest.node("copy", "block")];
  await checkCopy(context, guest, { from: ["disk", from], to: ["copy", to] });
});

test.run();
