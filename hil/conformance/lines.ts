/** What every Terminal and every Uart does. */
import assert from "node:assert/strict";
import type { TerminalConnection } from "../../sessions/terminal/index.js";
import { Uart } from "../../sessions/uart/index.js";
import type { Console } from "../console.js";
import type { Line } from "../parts.js";
import { slowness } from "../slowness.js";
import { type Case, patience, refusal, type Suite, type Tools, until } from "./case.js";

/** Bytes, of which an emulated port takes 20 KiB a second. */
const transferred = slowness > 1 ? 64 << 10 : 256 << 10;
const numberWidth = 7;

/** Numbered records of text, so that what comes can be compared as text. */
function records(bytes: number): string {
  return Array.from(
    { length: bytes / (numberWidth + 1) },
    (_, index) => `${String(index).padStart(numberWidth)}\n`,
  ).join("");
}

function farEnd({ far }: Line<TerminalConnection>, { skip }: Tools): Console {
  return far ?? skip("the far end is not in the bench's hands");
}

const lineCases: readonly Case<"terminal">[] = [
  {
    name: "bytes pass both ways at once, in order, none lost",
    async run(line, tools) {
      const far = farEnd(line, tools);
      const text = records(transferred);
      await Promise.all([line.send(text), far.send(text)]);
      await until("all came", () => line.received >= transferred && far.received >= transferred, 3 * patience);
      assert.equal(far.history, text);
      assert.equal(line.history, text);
    },
  },
  {
    name: "every value of a byte passes",
    async run(line, tools) {
      const far = farEnd(line, tools);
      const all = Uint8Array.from({ length: 256 }, (_, value) => value);
      await line.send(all);
      await far.send(all);
      await until("all came", () => line.received === 256 && far.received === 256);
    },
  },
  {
    name: "what came before anybody looked is there",
    async run(line, tools) {
      const far = farEnd(line, tools);
      await far.send("early\r\n");
      await until("it came", () => line.received > 0);
      await far.send("late\r\n");
      const { before } = await line.expect("late");
      assert.equal(before, "early\r\n");
    },
  },
  {
    name: "the far end is connected",
    async run(line) {
      await line.session.whenConnected({ signal: AbortSignal.timeout(patience) });
      assert.equal(await line.session.connected(), true);
    },
  },
  {
    name: "the size is told, or unknown as 0 by 0",
    async run(line) {
      const { columns, lines } = await line.session.size();
      assert.ok(columns >= 0 && lines >= 0 && (columns === 0) === (lines === 0), `${columns} by ${lines}`);
    },
  },
  {
    name: "the session is open again when its server was killed",
    async run(line, { restart }) {
      await restart();
      assert.ok((await line.session.size()).columns >= 0);
    },
  },
];

export const terminal: Suite<"terminal"> = { need: "terminal", cases: lineCases };

/** What a line may refuse as a whole. */
async function supported<Result>(promise: Promise<Result>, { skip }: Tools, what: string): Promise<Result> {
  try {
    return await promise;
  } catch (error) {
    if ((error as { code?: string }).code === "Unsupported") return skip(`the line has no ${what}`);
    throw error;
  }
}

export const uart: Suite<"uart"> = {
  need: "uart",
  cases: [
    ...(lineCases as unknown as readonly Case<"uart">[]),
    {
      name: "settings are in force, and are read back",
      async run({ session }, tools) {
        await supported(session.setLine({ baudRate: 9600, stopBits: 2 }), tools, "settings");
        assert.deepEqual(await session.line(), {
          baudRate: 9600,
          dataBits: 8,
          stopBits: 2,
          parity: "none",
          flowControl: "none",
        });
      },
    },
    {
      name: "what is refused as a whole changes nothing",
      async run({ session }) {
        const before = await session.line();
        const code = await refusal(session.setLine({ baudRate: 300, parity: "mark" }));
        const wanted = code === "none" ? { ...before, baudRate: 300, parity: "mark" } : before;
        assert.ok(["none", "Unsupported"].includes(code), code);
        assert.deepEqual(await session.line(), wanted);
      },
    },
    {
      name: "modem lines are told, or refused as unsupported",
      async run({ session }, tools) {
        await supported(session.setModem({ dtr: true, rts: true }), tools, "modem lines");
        const { dtr, rts } = await session.modem();
        assert.deepEqual([dtr, rts], [true, true]);
      },
    },
    {
      name: "a break is sent, or refused as unsupported",
      async run(line, tools) {
        const far = farEnd(line, tools);
        await supported(line.session.sendBreak(20), tools, "breaks");
        await line.send("after it");
        await far.expect("after it");
      },
    },
    {
      name: "what passes is counted, or counters are refused as unsupported",
      async run(line, tools) {
        const far = farEnd(line, tools);
        const before = await supported(line.session.counters(), tools, "counters");
        await line.send("four");
        await far.expect("four");
        assert.equal((await line.session.counters()).sent - before.sent, 4);
      },
    },
    {
      name: "a line has one client",
      async run(_line, { target }) {
        assert.equal(await refusal(target.connect(Uart, { label: "second", within: patience })), "Denied");
      },
    },
    {
      name: "settings and output outlive the driver's death",
      async run(line, tools) {
        const far = farEnd(line, tools);
        await line.session.setLine({ baudRate: 19_200 });
        await line.send("before\n");
        await far.expect("before");
        await tools.restart();
        await line.send("after\n");
        await far.expect("after");
        await until("the line is set again", async () => (await line.session.line()).baudRate === 19_200);
      },
    },
  ],
};
