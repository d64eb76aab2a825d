/** A GUI server in this process, with a display whose pixels can be read, and a source of events. */
import type { Env } from "../../base/env.js";
import { parsed } from "../../base/schema.js";
import type { SessionRequest } from "../../base/server.js";
import { configSchema, type GuiConfig } from "../../servers/gui/config.js";
import { GuiServer } from "../../servers/gui/gui-server.js";
import type { Reports } from "../../servers/gui/reports.js";
import { Capture, type CaptureConnection, CaptureInterface } from "../../sessions/capture/index.js";
import { Event, type EventConnection, EventInterface, type InputEvent } from "../../sessions/event/index.js";
import type { Area, Rect } from "../../sessions/geometry/geometry.generated.js";
import { Gui, type GuiConnection, GuiInterface } from "../../sessions/gui/index.js";
import { LocalParent } from "./local-parent.js";
import type { Context } from "./suite.js";

/** A display: its own copy of what captures brought. */
export class TestDisplay {
  readonly capture: CaptureConnection;
  readonly area: Area;
  readonly #pixels: Uint32Array;
  /** What the last {@link refresh} brought. */
  changed: readonly Rect[] = [];

  constructor(capture: CaptureConnection, area: Area) {
    this.capture = capture;
    this.area = area;
    this.#pixels = new Uint32Array(area.width * area.height);
  }

  /** Captures, and takes over the rectangles that are said to have changed, and nothing else. */
  async refresh(): Promise<this> {
    const { pixels, changed } = await this.capture.captureAt();
    const seen = new Uint32Array(pixels.buffer);
    for (const { x, y, width, height } of changed)
      for (let line = y; line < y + height; line += 1) {
        const start = line * this.area.width + x;
        this.#pixels.set(seen.subarray(start, start + width), start);
      }
    this.changed = changed;
    return this;
  }

  at(x: number, y: number): number {
    return (this.#pixels[y * this.area.width + x] as number) & 0xffffff;
  }

  get pixels(): Uint32Array {
    return this.#pixels.map((pixel) => pixel & 0xffffff);
  }
}

export interface TestDesktop {
  readonly parent: LocalParent;
  readonly server: GuiServer;
  env(name: string): Env;
  client(name: string): Promise<GuiConnection>;
  display(area: Area, label?: string): Promise<TestDisplay>;
  source(name?: string): Promise<EventConnection>;
  /** Another configuration while it runs. */
  configure(document: object): void;
  /** Ends every session, as when the server dies, and starts another server. */
  restart(): void;
}

function configOf(document: object): GuiConfig {
  const { value, problems } = parsed(configSchema, document);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return value;
}

export async function desktop(context: Context, document: object = {}, reports?: Reports): Promise<TestDesktop> {
  const config = configOf(document);
  const parent = context.use(new LocalParent());
  const requests: SessionRequest<object>[] = [];
  let server = new GuiServer(config, reports);
  const kept = <Request extends SessionRequest<object>>(request: Request): Request => {
    requests.push(request);
    return request;
  };
  const env = parent.env("gui");
  await env.announce(CaptureInterface, (request) => server.openCapture(kept(request)));
  await env.announce(EventInterface, (request) => server.openEvents(kept(request)));
  await env.announce(GuiInterface, (request) => server.open(kept(request)));
  return {
    parent,
    get server() {
      return server;
    },
    env: (name) => parent.env(name),
    client: async (name) => context.use(await parent.env(name).connect(Gui)),
    async display(area, label = "display") {
      const capture = context.use(await parent.env(label).connect(Capture));
      await capture.buffer({ area, millimeters: { width: 0, height: 0 }, viewport: { x: 0, y: 0, ...area } });
      return new TestDisplay(capture, area);
    },
    source: async (name = "input") => context.use(await parent.env(name).connect(Event)),
    configure: (next) => server.configure(configOf(next)),
    restart() {
      server = new GuiServer(config, reports);
      for (const { session } of requests.splice(0)) session.close();
    },
  };
}

/** A client with one view, filled with one colour, shown. */
export async function window({ client }: TestDesktop, name: string, rect: Rect, color: number): Promise<GuiConnection> {
  const gui = await client(name);
  const { pixels } = await gui.makeBuffer(rect);
  pixels.fill(color);
  await gui.view({ rect });
  await shown(gui);
  return gui;
}

/** Refreshes; resolves once the server knows, so that the next capture brings it. */
export async function shown(gui: GuiConnection, rect?: Rect): Promise<void> {
  gui.refresh(rect);
  await gui.mode();
}

/** Takes events until `last` came; fails loudly when it does not come. */
export async function eventsUntil(
  gui: GuiConnection,
  last: (event: InputEvent) => boolean,
): Promise<readonly InputEvent[]> {
  const events: InputEvent[] = [];
  const limit = AbortSignal.timeout(5000);
  for await (const event of gui.input.events({ signal: limit })) {
    events.push(event);
    if (last(event)) return events;
  }
  throw new Error(`The last event did not come; those that did: ${JSON.stringify(events)}`);
}

/** Everything that waits for a client now. */
export async function waiting(gui: GuiConnection): Promise<readonly InputEvent[]> {
  const all: InputEvent[] = [];
  for (;;) {
    const events = await gui.input.flush();
    if (events.length === 0) return all;
    all.push(...events);
  }
}
