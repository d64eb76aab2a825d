/** Providers of what is on a screen: servers without devices, seen by a display and driven by a hand of the test's own. */
import type { Env } from "../../base/env.js";
import { Capture } from "../../sessions/capture/index.js";
import { Event } from "../../sessions/event/index.js";
import { Framebuffer } from "../../sessions/framebuffer/index.js";
import { Gui } from "../../sessions/gui/index.js";
import { Input } from "../../sessions/input/index.js";
import { type AnyProvider, type Provision, provider } from "../bench.js";
import type { CapturePart, EventPart, FramebufferPart, GuiPart } from "../parts.js";
import { Screen } from "../screen.js";

const area = { width: 480, height: 320 };

/** The server under a name of its own a need, since a target may have several of it. */
const guiServer = (config: object = {}): object => ({
  binary: "gui",
  provides: ["Gui", "Capture", "Event"],
  ram: "32M",
  caps: 200,
  config: { screen: area, ...config },
});

/** What is closed in the end, the last first. */
class Opened {
  readonly #sessions: AsyncDisposable[] = [];

  async keep<Session extends AsyncDisposable>(opening: Promise<Session>): Promise<Session> {
    const session = await opening;
    this.#sessions.push(session);
    return session;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.splice(0).reverse()) await session[Symbol.asyncDispose]();
  }
}

async function seat(env: Env, opened: Opened): Promise<Pick<GuiPart, "screen" | "hand">> {
  return {
    screen: await opened.keep(Screen.open(env, area)),
    hand: await opened.keep(env.connect(Event, { label: "hand" })),
  };
}

async function guiPart(env: Env): Promise<GuiPart> {
  const opened = new Opened();
  return {
    ...(await seat(env, opened)),
    session: await opened.keep(env.connect(Gui, { label: "first" })),
    second: () => opened.keep(env.connect(Gui, { label: "second" })),
    [Symbol.asyncDispose]: () => opened.close(),
  };
}

function guiProvision(start: Readonly<Record<string, object>>, server: string): Provision<"gui"> {
  return {
    start,
    route: { "Gui first": server, "Gui second": server, "Capture screen": "gui", "Event hand": "gui" },
    open: ({ env }) => guiPart(env),
  };
}

export const guiOfServer = provider({
  need: "gui",
  name: "GUI server",
  acquire: () => guiProvision({ gui: guiServer() }, "gui"),
});

export const guiOfManager = provider({
  need: "gui",
  name: "window manager",
  acquire: () => {
    const wm = { provides: ["Gui"], ram: "64M", caps: 200, config: { reports: ["focus"] } };
    const start = {
      wm: { ...wm, route: { Gui: "gui", Report: "focus", "*": "default" } },
      // Windows of a manager have the keys that it says.
      gui: {
        ...guiServer({ focus: "rom" }),
        route: { "ROM focus": "focus", "*": "default" },
      },
      focus: {
        binary: "report-rom",
        provides: ["Report", "ROM"],
        config: { policies: [{ label: "gui -> focus", report: "wm -> focus" }] },
      },
    };
    return guiProvision(start, "wm");
  },
});

export const nestedScreen = provider({
  need: "framebuffer",
  name: "gui-fb",
  acquire: () => ({
    start: {
      nested: {
        binary: "gui-fb",
        provides: ["Framebuffer", "Input"],
        ram: "16M",
        config: { x: 40, y: 30, width: 200, height: 120 },
        route: { Gui: "around", "*": "default" },
      },
      around: guiServer(),
    },
    route: { Framebuffer: "nested", Input: "nested", "Capture screen": "around", "Event hand": "around" },
    open: async ({ env }): Promise<FramebufferPart> => {
      const opened = new Opened();
      return {
        ...(await seat(env, opened)),
        session: await opened.keep(env.connect(Framebuffer)),
        input: await opened.keep(env.connect(Input)),
        [Symbol.asyncDispose]: () => opened.close(),
      };
    },
  }),
});

export const capturedScreen = provider({
  need: "capture",
  name: "GUI server",
  acquire: () => ({
    start: {
      captured: guiServer({ capture: { policies: [{ labelLast: "second", observer: true }], defaultPolicy: {} } }),
    },
    route: { "Capture display": "captured", "Capture second": "captured", "Gui painter": "captured" },
    open: async ({ env }): Promise<CapturePart> => {
      const opened = new Opened();
      const painter = await opened.keep(env.connect(Gui, { label: "painter" }));
      await painter.makeBuffer(area);
      await painter.view({ rect: { x: 0, y: 0, ...area } });
      return {
        area,
        painter,
        session: await opened.keep(env.connect(Capture, { label: "display" })),
        second: () => opened.keep(env.connect(Capture, { label: "second" })),
        [Symbol.asyncDispose]: () => opened.close(),
      };
    },
  }),
});

async function eventPart(env: Env): Promise<EventPart> {
  const opened = new Opened();
  const client = await opened.keep(env.connect(Gui, { label: "heard" }));
  await client.makeBuffer(area);
  await client.view({ rect: { x: 0, y: 0, ...area } });
  client.onRedraw(() => client.refresh());
  client.refresh();
  return {
    heard: client.input,
    session: await opened.keep(env.connect(Event, { label: "source" })),
    second: () => opened.keep(env.connect(Event, { label: "second" })),
    [Symbol.asyncDispose]: () => opened.close(),
  };
}

function eventProvision(start: Readonly<Record<string, object>>, server: string): Provision<"event"> {
  return {
    start,
    route: { "Gui heard": "hearing", "Event source": server, "Event second": server },
    open: ({ env }) => eventPart(env),
  };
}

export const eventsOfServer = provider({
  need: "event",
  name: "GUI server",
  acquire: () => eventProvision({ hearing: guiServer() }, "hearing"),
});

export const eventsOfFilter = provider({
  need: "event",
  name: "event-filter",
  acquire: () => {
    const filter = {
      binary: "event-filter",
      provides: ["Event"],
      config: {
        policies: [
          { labelLast: "source", input: "one" },
          { labelLast: "second", input: "other" },
        ],
        output: { merge: [{ input: "one" }, { input: "other" }] },
      },
      route: { Event: "hearing", "*": "default" },
    };
    return eventProvision({ filter, hearing: guiServer() }, "filter");
  },
});

export const screenProviders: readonly AnyProvider[] = [
  guiOfServer,
  guiOfManager,
  nestedScreen,
  capturedScreen,
  eventsOfServer,
  eventsOfFilter,
];
