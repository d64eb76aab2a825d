// timeout: 120s
import fc from "fast-check";
import * as assert from "uvu/assert";
import { type EventConnection, HeldState, type InputEvent } from "../../sessions/event/index.js";
import type { GuiConnection } from "../../sessions/gui/index.js";
import { desktop, type TestDesktop, waiting, window } from "../support/desktop.js";
import { suite } from "../support/suite.js";

const test = suite("keys of the GUI server");
const screen = { width: 100, height: 100 };

/** A client, and what it believes to be held. */
interface Seen {
  readonly gui: GuiConnection;
  readonly held: HeldState;
  focused: boolean;
}

const key = fc.constantFrom(30, 31, 0x110, 0x111, 88);
const share = fc.constantFrom(0.1, 0.3, 0.6, 0.9);
const event: fc.Arbitrary<InputEvent> = fc.oneof(
  fc.record({ kind: fc.constant("press" as const), key }),
  fc.record({ kind: fc.constant("release" as const), key }),
  fc.record({ kind: fc.constant("absolute-motion" as const), x: share, y: share }),
  fc.record({ kind: fc.constant("relative-motion" as const), x: fc.integer({ min: -60, max: 60 }), y: fc.constant(3) }),
  fc.record({ kind: fc.constant("touch" as const), id: fc.nat(2), x: share, y: share }),
  fc.record({ kind: fc.constant("touch-release" as const), id: fc.nat(2) }),
  fc.record({ kind: fc.constant("axis" as const), axis: fc.constantFrom("LX" as const, "RY" as const), value: share }),
);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("input" as const),
      source: fc.nat(1),
      events: fc.array(event, { maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("source dies" as const), source: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("client dies" as const), client: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("client comes" as const), client: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("exclusive" as const), client: fc.nat(2), enabled: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delegate" as const), client: fc.nat(2), to: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("fetch" as const), client: fc.nat(2) }) },
);

/** Fetches everything, and holds each event against those before. */
async function fetch(client: Seen): Promise<void> {
  for (const one of await waiting(client.gui)) {
    if (one.kind === "focus-enter" || one.kind === "focus-leave") {
      assert.is(client.focused, one.kind === "focus-leave", `${one.kind} comes in turn with the other`);
      client.focused = one.kind === "focus-enter";
    }
    assert.ok(client.held.follow(one), `${JSON.stringify(one)} fits what the client was told before`);
  }
}

async function come(system: TestDesktop, place: number): Promise<Seen> {
  const rect = { x: 33 * place, y: 0, width: 33, height: 100 };
  return { gui: await window(system, `client-${place}`, rect, place), held: new HeldState(), focused: false };
}

test("whatever happens, clients see whole presses, and nothing is held once nobody holds it", {
  timeout: 90_000,
}, async (context) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const system = await desktop(context, { globalKeys: [{ key: "KEY_F12", label: "client-1" }] });
      const display = await system.display(screen);
      const clients: (Seen | undefined)[] = [];
      for (let place = 0; place < 3; place += 1) clients.push(await come(system, place));
      const sources: EventConnection[] = [await system.source("one"), await system.source("two")];
      for (const one of steps) {
        const client = "client" in one ? clients[one.client] : undefined;
        switch (one.do) {
          case "input":
            await sources[one.source]?.submit(one.events);
            break;
          case "source dies":
            await sources[one.source]?.close();
            sources[one.source] = await system.source("next");
            break;
          case "client dies":
            await client?.gui.close();
            clients[one.client] = undefined;
            break;
          case "client comes":
            clients[one.client] ??= await come(system, one.client);
            break;
          case "exclusive":
            await client?.gui.input.exclusive(one.enabled);
            break;
          case "delegate": {
            const to = clients[one.to];
            if (to !== undefined) await client?.gui.focus(await to.gui.token());
            break;
          }
          case "fetch":
            if (client !== undefined) await fetch(client);
        }
      }
      for (const source of sources) await source.close();
      // A source's end is told to the server as everything is, after what it sent.
      await (await system.source("last")).submit([{ kind: "sequence", number: 1 }]);
      for (const client of clients) {
        if (client === undefined) continue;
        await fetch(client);
        assert.equal(client.held.pressed(), [], "all was released");
        await client.gui.close();
      }
      await display.capture.close();
    }),
    { numRuns: 120 },
  );
});

test.run();
