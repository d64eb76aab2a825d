/** The bench file: what it accepts, how it complains, and that its documentation is current. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { benchOf, readBenchFile } from "../../bench/bench-file.js";
import { archive } from "../../bench/cpio.js";
import { benchFilePage, benchSchemaFiles } from "../../bench/documentation.js";
import { installed } from "../device/host.js";
import { suite } from "../support/suite.js";

const test = suite("bench file");

test("the examples are accepted, and one has a device of every kind", () => {
  assert.is(Object.keys(readBenchFile("examples/bench/minimal.jsonc").devices).length, 2);
  const { devices, machine } = readBenchFile("examples/bench/full.jsonc");
  assert.is(new Set(Object.values(devices).map(({ kind }) => kind)).size, 15);
  assert.is(machine.memory, 512 * 2 ** 20);
  assert.is(readBenchFile("examples/bench/raspberry-pi.jsonc").machine.board, "raspberry-pi-3");
});

test("the pages that are made from the schema are current", () => {
  assert.is(readFileSync("docs/bench-file.md", "utf8"), benchFilePage());
  for (const [name, text] of Object.entries(benchSchemaFiles())) assert.is(readFileSync(`docs/${name}`, "utf8"), text);
});

test("mistakes in a bench file are shown with line and column", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "bench-file-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "bench.jsonc");
  const message = (text: string): string => {
    writeFileSync(file, text);
    try {
      readBenchFile(file);
      return "none";
    } catch (error) {
      return (error as Error).message.replaceAll(`${folder}/`, "");
    }
  };
  assert.is(
    message('{ "devices": {\n  "a": { "kind": "disc" }\n} }'),
    'bench.jsonc:2:18: There is no kind of device "disc"; did you mean "disk"?',
  );
  assert.match(
    message('{ "devices": {\n  "a": { "kind": "disk", "siez": 1 }\n} }'),
    /^bench\.jsonc:2:26: Unknown key "siez"/,
  );
  assert.match(
    message('{ "devices": { "a": { "kind": "keyboard" },\n "b": { "kind": "keyboard" } } }'),
    /^bench\.jsonc:2:7: "a" is in the same place/,
  );
  assert.match(
    message('{ "devices": { "usb": { "kind": "uart" } } }'),
    /^bench\.jsonc:1:\d+: The machine itself has a "usb"/,
  );
  assert.match(
    message('{ "devices": { "a": { "kind": "hid", "descriptor": "06 0" } } }'),
    /^bench\.jsonc:1:\d+: Expected bytes as pairs of hexadecimal digits/,
  );
});

test("a board has only what is on it, and other machines have nothing of that", () => {
  const problem = (board: string, device: object): string => {
    try {
      benchOf({ machine: { board }, devices: { a: device } });
      return "none";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const board = "raspberry-pi-3";
  assert.is(problem(board, { kind: "disk", bus: "sd" }), "none");
  assert.match(problem(board, { kind: "disk" }), /raspberry-pi-3 has no disk of bus "virtio", but of: sd, usb/);
  assert.match(problem(board, { kind: "sound" }), /raspberry-pi-3 has no sound/);
  assert.match(problem("any", { kind: "uart", port: "mini" }), /Only the machine of a "board" has port "mini"/);
});

test("an archive is one that cpio reads", (context) => {
  if (!installed("cpio")) context.skip("needs cpio");
  const entries = [
    { path: "folder" },
    { path: "folder/file", content: "some words", mode: 0o640 },
    { path: "x", content: "" },
  ];
  const listed = execFileSync("cpio", ["-itv", "--quiet"], { input: archive(entries), encoding: "utf8" });
  assert.match(listed, /^drwxr-xr-x .* folder$/m);
  assert.match(listed, /^-rw-r----- .* 10 .* folder\/file$/m);
  const content = execFileSync("cpio", ["-i", "--to-stdout", "--quiet", "folder/file"], {
    input: archive(entries),
    encoding: "utf8",
  });
  assert.is(content, "some words");
});

test.run();
