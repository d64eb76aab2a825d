/** What every PinControl and PinState does: of two pins that are joined by a wire, one is driven and one is seen. */
import assert from "node:assert/strict";
import type { PinEdge } from "../../sessions/pin-state/index.js";
import type { PinsPart } from "../parts.js";
import { refusal, type Suite, until } from "./case.js";

/** How many edges a case takes: more than one answer carries. */
const many = 100;

async function take(edges: AsyncIterable<PinEdge>, count: number): Promise<PinEdge[]> {
  const taken: PinEdge[] = [];
  for await (const edge of edges) if (taken.push(edge) === count) break;
  return taken;
}

/** Switches back and forth: not active at first, active at last where `times` is odd. */
async function toggle({ output }: PinsPart, times: number): Promise<void> {
  for (let time = 0; time < times; ++time) await output.state(time % 2 === 0);
}

export const pins: Suite<"pins"> = {
  need: "pins",
  cases: [
    {
      name: "what is driven is seen",
      async run({ output, input }) {
        for (const active of [true, false, false, true, false]) {
          await output.state(active);
          assert.equal(await input.state(), active);
        }
      },
    },
    {
      name: "every edge is told or its loss is, in order, each with its time",
      async run(part) {
        await part.output.state(false);
        await using edges = await part.input.watch();
        const before = process.hrtime.bigint();
        await toggle(part, many);
        let last = before;
        let counted = 0;
        let active = false;
        for await (const { time, lost, rising, afterRestart } of edges) {
          assert.ok(time >= last, `${time} after ${last}`);
          assert.equal(afterRestart, false);
          assert.equal(rising, lost % 2 === 0 ? !active : active, `edge ${counted}`);
          [last, active] = [time, rising];
          counted += 1 + lost;
          if (counted >= many) break;
        }
        assert.ok(last <= process.hrtime.bigint());
        assert.equal(counted, many);
      },
    },
    {
      name: "edges of one kind come alone",
      async run(part) {
        await part.output.state(false);
        for (const kind of ["rising", "falling"] as const) {
          await using edges = await part.input.watch(kind);
          await toggle(part, 6);
          assert.deepEqual(
            (await take(edges, 3)).map(({ rising }) => rising),
            Array(3).fill(kind === "rising"),
          );
        }
      },
    },
    {
      name: "a watch begins when it was asked for: earlier edges are none of its",
      async run(part) {
        await part.output.state(false);
        await (await part.input.watch("rising")).close();
        await toggle(part, 3);
        await using edges = await part.input.watch();
        await part.output.state(false);
        assert.deepEqual(
          (await take(edges, 1)).map(({ rising }) => rising),
          [false],
        );
      },
    },
    {
      name: "a pin that is driven no more is held by the resistor of the other",
      async run({ output, input }) {
        await output.state(false);
        assert.equal(await input.state(), false);
        await output.yield();
        await until("the resistor pulls it up", () => input.state());
        await output.state(false);
        assert.equal(await input.state(), false);
      },
    },
    {
      name: "a pin is driven by one session, and an input by none",
      async run({ second }) {
        assert.equal(await refusal(second("output")), "Denied");
        assert.equal(await refusal(second("input")), "Denied");
      },
    },
    {
      name: "when the server was killed, the pin is driven as before, and edges are told again",
      async run(part, { restart }) {
        const { output, input } = part;
        await output.state(false);
        await using edges = await input.watch();
        await output.state(true);
        assert.equal((await take(edges, 1))[0]?.afterRestart, false);
        await restart();
        await until("the pin is driven", () => input.state());
        await output.state(false);
        const seen = await take(edges, 1);
        assert.equal(seen[0]?.afterRestart, true);
        await until("it is not active", async () => !(await input.state()));
      },
    },
  ],
};
