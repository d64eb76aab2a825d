// timeout: 120s
/** `bulkhead test`: what it reports, judged by other programs, and what it says when something is wrong. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { packageRoot } from "../../bindings/prebuilt.js";
import { Picture } from "../../hil/picture.js";
import { encodePng } from "../../hil/png.js";
import { Sound } from "../../hil/sound.js";
import { installed } from "../device/host.js";
import { bulkhead } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("bulkhead test");

const mixed = `import { test } from "bulkhead/hil";
import { twice } from "./helper.js";

test("passes & measures", { needs: ["uart"] }, async ({ uart, measure, step }) => {
  await step("talk", () => uart.sendLine("ping"));
  await uart.expect(/p(i)ng/);
  measure("answer", twice(21) as number, { unit: "ms", max: 50 });
});
test("fails with <control> characters", { needs: ["uart"] }, async ({ uart }) => {
  await uart.send("\\u001b[1mlogin\\u0000");
  await uart.expect("password:", { within: "50ms" });
});
test("is out of its limits", ({ measure }) => measure("drift", 3, { unit: "ppm", max: 2 }));
test("needs a shell # and more", { needs: ["shell"] }, () => {});
test("never ends", { within: "100ms" }, () => new Promise(() => {}));
test("uses its own component", { needs: ["timer"], components: { own: { binary: "./own.ts" } } }, async ({ target }) => {
  for (let waited = 0; !target.log.some(({ text }) => text === "own runs") && waited < 500; ++waited)
    await new Promise((resolve) => setTimeout(resolve, 10));
  if (!target.log.some(({ text }) => text === "own runs")) throw new Error("it did not run");
});
`;

let project = "";
test.before((context) => {
  project = mkdtempSync(join(tmpdir(), "bulkhead-project-"));
  context.defer(() => rmSync(project, { recursive: true, force: true }));
  mkdirSync(join(project, "node_modules"));
  symlinkSync(packageRoot(), join(project, "node_modules/bulkhead"));
  writeFileSync(join(project, "package.json"), '{ "name": "project", "private": true, "type": "module" }\n');
  writeFileSync(join(project, "mixed.test.ts"), mixed);
  writeFileSync(join(project, "helper.ts"), "export const twice = (value: number): unknown => value * 2;\n");
  writeFileSync(
    join(project, "own.ts"),
    'import { component } from "bulkhead";\ncomponent(() => console.log("own runs"));\n',
  );
});

interface Line {
  readonly type: string;
  readonly test?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly error?: { readonly message: string };
  readonly properties?: Readonly<Record<string, string>>;
  readonly measurements?: readonly { readonly name: string; readonly value: number; readonly passed: boolean }[];
  readonly files?: readonly string[];
  readonly failed?: number;
}

test("each test has its outcome, in every form that is asked for", { timeout: 60_000 }, async () => {
  const { code, output } = await bulkhead(["test", "mixed.test.ts", "--json", "--run", "run", "--junit", "unit.xml"], {
    cwd: project,
  });
  assert.is(code, 1);
  const lines = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
  const total = lines.pop() as Line;
  assert.equal(
    lines.map(({ outcome }) => outcome),
    ["passed", "failed", "failed", "skipped", "failed", "passed"],
    JSON.stringify(lines, undefined, 1),
  );
  assert.is(total.failed, 3);
  const [first, second, third, fourth, fifth] = lines as [Line, Line, Line, Line, Line];
  assert.equal(
    first.measurements?.map(({ value, passed }) => [value, passed]),
    [[42, true]],
  );
  assert.is(first.properties?.["bench"], "stand-in");
  assert.match(
    second.error?.message ?? "",
    'Expected "password:" on uart: it did not come within 50ms. What came:\n  \\e[1mlogin\\0',
  );
  assert.match(third.error?.message ?? "", "drift: 3 ppm, at most 2 ppm");
  assert.match(fourth.reason ?? "", 'bench "stand-in" has no "shell": name a board in a lab file');
  assert.match(fifth.error?.message ?? "", "Time-out: the test took longer than 100 ms");

  const folder = join(project, "run/mixed/passes-measures");
  assert.equal(first.files?.map((file) => file.slice(folder.length + 1)).sort(), readdirSync(folder).sort());
  assert.is(readFileSync(join(folder, "uart.log"), "utf8"), "ping\r");
  assert.match(readFileSync(join(folder, "trace.jsonl"), "utf8"), '"part":"step","step":"talk"');
  assert.ok(existsSync(join(folder, "system.json")));
  assert.is(readFileSync(join(project, "unit.xml"), "utf8"), readFileSync(join(project, "run/junit.xml"), "utf8"));
});

test("xmllint accepts the JUnit XML, and finds what is in it", { timeout: 60_000 }, async (context) => {
  if (!installed("xmllint")) context.skip("needs xmllint: apt-get install libxml2-utils");
  await bulkhead(["test", "mixed.test.ts", "--run", "run"], { cwd: project });
  const query = (path: string): string => {
    const { status, stdout, stderr } = spawnSync("xmllint", ["--xpath", path, "run/junit.xml"], {
      cwd: project,
      encoding: "utf8",
    });
    assert.is(status, 0, stderr);
    return stdout.trim();
  };
  assert.is(query("count(//testcase)"), "6");
  assert.is(query("count(//failure)"), "3");
  assert.is(query("string(//testsuite/@failures)"), "3");
  assert.is(query("count(//skipped)"), "1");
  assert.is(
    query('string(//testcase[@name="passes & measures"]//property[@name="measured.answer"]/@value)'),
    "42 ms (max 50)",
  );
  assert.match(query("string(//failure[1]/@message)"), "\\e[1mlogin\\0");
});

test("prove reads the TAP", { timeout: 60_000 }, async (context) => {
  if (!installed("prove")) context.skip("needs prove: apt-get install perl");
  const { output } = await bulkhead(["test", "mixed.test.ts", "--reporter", "tap", "--run", "run"], { cwd: project });
  assert.match(output, /^TAP version 14\n/);
  // It knows 13, of which 14 is a superset.
  writeFileSync(join(project, "mixed.tap"), output.replace("TAP version 14", "TAP version 13"));
  const { stdout, stderr } = spawnSync("prove", ["-e", "cat", "mixed.tap"], { cwd: project, encoding: "utf8" });
  assert.match(stdout, "Failed 3/6 subtests", stdout + stderr);
  assert.match(stdout, "(less 1 skipped subtest: 2 okay)");
  assert.match(stdout, "Failed tests:  2-3, 5");
  assert.not.match(stdout, "Parse errors");
});

test("with --strict nothing may be skipped", { timeout: 60_000 }, async () => {
  writeFileSync(
    join(project, "needy.test.ts"),
    'import { test } from "bulkhead/hil";\ntest("needs a board", { needs: ["shell", "power"] }, () => {});\n',
  );
  const loose = await bulkhead(["test", "needy.test.ts", "--run", "run"], { cwd: project });
  assert.is(loose.code, 77, loose.output + loose.errors);
  assert.match(loose.output, /skipped needy\.test\.ts: needs a board: .*"shell": .*"power": /);
  const strict = await bulkhead(["test", "needy.test.ts", "--strict", "--run", "run"], { cwd: project });
  assert.is(strict.code, 1);
  assert.match(strict.output, "Nothing may be skipped (--strict)");
});

test("a lab file brings a screen, a microphone and power by commands, and hooks", { timeout: 60_000 }, async () => {
  const samples = Float64Array.from(
    { length: 4800 },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * 1000 * index) / 48_000),
  );
  writeFileSync(join(project, "screen.png"), encodePng(new Picture(4, 3).fill([0, 0, 255])));
  writeFileSync(join(project, "tone.wav"), new Sound(48_000, [samples]).toWav());
  const say = (word: string): string[] => ["sh", "-c", `echo ${word} >> ${join(project, "said")}`];
  writeFileSync(
    join(project, "lab.jsonc"),
    JSON.stringify({
      facts: { place: "desk" },
      display: { grab: ["cat", join(project, "screen.png")], facts: { serial: "D-7" } },
      sound: { record: ["sh", "-c", `test {seconds} = 0.1 && cat ${join(project, "tone.wav")}`] },
      power: { on: say("on"), off: say("off"), pause: "1ms" },
      before: say("flash"),
      after: say("done"),
    }),
  );
  writeFileSync(
    join(project, "screen.test.ts"),
    `import { test } from "bulkhead/hil";
test("shows and sounds", { needs: ["display", "sound", "power"] }, async ({ display, sound, power, measure, expectPicture }) => {
  await power.cycle();
  expectPicture(await display.screenshot(), "screen.png");
  measure("tone", (await sound.record("100ms")).frequency() ?? 0, { unit: "Hz", min: 999, max: 1001 });
});
`,
  );
  const { code, output, errors } = await bulkhead(
    ["test", "screen.test.ts", "--bench", "lab.jsonc", "--strict", "--run", "run"],
    { cwd: project },
  );
  assert.is(code, 0, output + errors);
  assert.is(readFileSync(join(project, "said"), "utf8"), "flash\noff\non\ndone\n");
  const [line = ""] = readFileSync(join(project, "run/results.jsonl"), "utf8").split("\n");
  const { properties } = JSON.parse(line) as Line;
  assert.equal(properties, { bench: "lab", "display.serial": "D-7", "bench.place": "desk" });
});

test("what is wrong is said, with its place", { timeout: 60_000 }, async () => {
  assert.is((await bulkhead(["test", "none.test.ts"], { cwd: project })).code, 2);
  const bench = await bulkhead(["test", "mixed.test.ts", "--bench", "hots"], { cwd: project });
  assert.is(bench.code, 3);
  assert.match(
    bench.errors,
    'Cannot find the bench "hots": it is neither stand-in nor host nor the path of a lab file; did you mean "host"?',
  );
  writeFileSync(join(project, "bad.jsonc"), '{\n  "uart": { "ttty": "/dev/x" },\n  "powr": {}\n}\n');
  const file = await bulkhead(["test", "mixed.test.ts", "--bench", "bad.jsonc"], { cwd: project });
  assert.is(file.code, 3);
  assert.match(file.errors, 'bad.jsonc:3:3: Unknown key "powr"; did you mean "power"?');
  assert.match(file.errors, /bad\.jsonc:2:11: .*did you mean "tty"\?/);
  writeFileSync(
    join(project, "typo.test.ts"),
    'import { test } from "bulkhead/hil";\ntest("x", { needs: ["uarrt" as "uart"] }, () => {});\n',
  );
  const typo = await bulkhead(["test", "typo.test.ts", "--run", "run"], { cwd: project });
  assert.is(typo.code, 1);
  assert.match(typo.output, 'Test "x" needs "uarrt", which nothing is called; did you mean "uart"?');
});

test.run();
