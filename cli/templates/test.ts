/** A hardware-in-the-loop test: it passes on stand-ins, and on a line with a plug that joins its two wires. */
import type { Template } from "./template.js";

export const testTemplate: Template = {
  summary: "talks over a serial line: on a stand-in at first, then on your hardware",
  check: ({ name }) => `npx bulkhead test ${name}`,
  files: (subject) => ({
    [`${subject.name}.test.ts`]: `import { test } from "bulkhead/hil";

test("what is sent comes back", { needs: ["uart"], within: "30s" }, async ({ uart, measure }) => {
  const start = performance.now();
  await uart.sendLine("hello");
  await uart.expect(/hello/, { within: "5s" });
  measure("round trip", performance.now() - start, { unit: "ms", max: 2000 });
});

test("a disk keeps what was written", { needs: ["block"] }, async ({ block }) => {
  const data = new Uint8Array(block.info.blockSize).fill(0x5a);
  await block.write(0, data);
  await block.sync();
  if (Buffer.compare(await block.read(0), data) !== 0) throw new Error("the disk holds something else");
});
`,
    "lab.jsonc": `// What is plugged in. Every key is explained in docs/hil.md of the package.
{
  "facts": { "place": "desk 1" },
  "uart": { "tty": "/dev/ttyUSB0", "line": { "baudRate": 115200 } }
}
`,
    "README.md": `# ${subject.name}

Tests of a device, by \`bulkhead/hil\`.

\`npx bulkhead test ${subject.name}\` runs them on stand-ins, \`npx bulkhead test ${subject.name} --bench ${subject.name}/lab.jsonc\` on what that file says is plugged in. With a plug that joins RX and TX the first test passes there, too; without a disk in the file the second one is skipped, and says so.
`,
  }),
};
