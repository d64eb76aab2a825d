/** What every ROM, Report and LOG does. */
import assert from "node:assert/strict";
import type { RomConnection } from "../../sessions/rom/index.js";
import { type Suite, until } from "./case.js";

const large = "x".repeat(200_000);

/** Waits until a module shows this value. */
function shows(rom: RomConnection, value: unknown): Promise<void> {
  return until(`the module shows ${JSON.stringify(value).slice(0, 60)}`, async () => {
    const text = await rom.text();
    return text !== "" && JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
  });
}

export const rom: Suite<"rom"> = {
  need: "rom",
  cases: [
    {
      name: "a module shows its content",
      async run(module) {
        await module.publish({ text: "ä€𝄞" });
        await using own = await module.open();
        await shows(own, { text: "ä€𝄞" });
      },
    },
    {
      name: "a change is announced, and shown",
      async run(module) {
        await module.publish({ number: 1 });
        await using own = await module.open();
        await shows(own, { number: 1 });
        let changes = 0;
        own.onChange(() => (changes += 1));
        await module.publish({ number: 2 });
        await until("the change is announced", () => changes > 0);
        assert.deepEqual(await own.json(), { number: 2 });
      },
    },
    {
      name: "a module grows under its reader",
      async run(module) {
        await module.publish({ text: "short" });
        await using own = await module.open();
        await shows(own, { text: "short" });
        await module.publish({ text: large });
        await shows(own, { text: large });
        await module.publish({ text: "short again" });
        await shows(own, { text: "short again" });
      },
    },
    {
      name: "many readers see the same",
      async run(module) {
        await module.publish({ for: "all" });
        const readers = await Promise.all([module.open(), module.open(), module.open()]);
        try {
          for (const reader of readers) await shows(reader, { for: "all" });
        } finally {
          for (const reader of readers) await reader.close();
        }
      },
    },
    {
      name: "the content is there again when the server was killed",
      async run(module, { restart }) {
        await module.publish({ kept: true });
        await using own = await module.open();
        await shows(own, { kept: true });
        await restart();
        await shows(own, { kept: true });
      },
    },
  ],
};

export const report: Suite<"report"> = {
  need: "report",
  cases: [
    {
      name: "a report reaches its reader",
      async run(documents) {
        await using writer = await documents.reporter("state");
        await writer.publish({ number: 1 });
        await using reader = await documents.reader("state");
        await shows(reader, { number: 1 });
      },
    },
    {
      name: "the newest report is what stays",
      async run(documents) {
        await using writer = await documents.reporter("state");
        await using reader = await documents.reader("state");
        await Promise.all(Array.from({ length: 50 }, (_, number) => writer.publish({ number })));
        await shows(reader, { number: 49 });
      },
    },
    {
      name: "reports of two names do not mix",
      async run(documents) {
        await using one = await documents.reporter("state");
        await using two = await documents.reporter("other");
        await one.publish({ from: "one" });
        await two.publish({ from: "two" });
        await using first = await documents.reader("state");
        await using second = await documents.reader("other");
        await shows(first, { from: "one" });
        await shows(second, { from: "two" });
      },
    },
    {
      name: "a report outgrows its buffer",
      async run(documents) {
        await using writer = await documents.reporter("state", 4096);
        await using reader = await documents.reader("state");
        await writer.publish({ text: large });
        await shows(reader, { text: large });
      },
    },
    {
      name: "the report is there again when the server was killed",
      async run(documents, { restart }) {
        await using writer = await documents.reporter("state");
        await using reader = await documents.reader("state");
        await writer.publish({ kept: true });
        await shows(reader, { kept: true });
        await restart();
        await shows(reader, { kept: true });
      },
    },
  ],
};

export const log: Suite<"log"> = {
  need: "log",
  cases: [
    {
      name: "a line arrives, with the label of its writer",
      async run({ session, lines }) {
        await session.write("a line of the test");
        await until("it arrives", () =>
          lines().some(({ label, text }) => `[${label}] ${text}`.includes("test] a line of the test")),
        );
      },
    },
    {
      name: "lines keep their order",
      async run({ session, lines }) {
        const count = 200;
        for (let number = 0; number < count; ++number) await session.write(`number ${number};`);
        const numbers = (): number[] =>
          lines().flatMap(({ text }) => [.../number (\d+);/g[Symbol.matchAll](text)].map((match) => Number(match[1])));
        await until("all arrive", () => numbers().length >= count);
        assert.deepEqual(
          numbers(),
          Array.from({ length: count }, (_, number) => number),
        );
      },
    },
    {
      name: "a long line arrives in pieces, cut between characters",
      async run({ session, lines }) {
        const text = "€".repeat(1500);
        await session.write(text);
        const came = (): number => lines().reduce((sum, line) => sum + line.text.split("€").length - 1, 0);
        await until("all of it arrives", () => came() >= 1500);
        assert.ok(!lines().some((line) => line.text.includes("\ufffd")));
      },
    },
    {
      name: "lines arrive again when the server was killed",
      async run({ session, lines }, { restart }) {
        await session.write("before");
        await restart();
        await session.write("afterwards");
        await until("it arrives", () => lines().some(({ text }) => text.endsWith("afterwards")));
      },
    },
  ],
};
