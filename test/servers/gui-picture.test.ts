// timeout: 120s
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import type { GuiConnection, GuiView } from "../../sessions/gui/index.js";
import { desktop, shown, type TestDisplay } from "../support/desktop.js";
import { suite } from "../support/suite.js";

const test = suite("gui picture");
const screen = { width: 40, height: 30 };
const background = 0x20_24_2c;

/** What a client has, kept beside the server: views by number, in the order in which they lie. */
interface Model {
  readonly gui: GuiConnection;
  readonly alpha: boolean;
  panning: Point;
  views: ModelView[];
}

interface ModelView {
  readonly view: GuiView;
  readonly client: Model;
  rect: Rect;
  offset: Point;
  /** From the front to the back. */
  readonly children: ModelView[];
  readonly siblings: ModelView[];
}

/** Draws the screen pixel by pixel, from the back to the front. */
function expected(roots: readonly ModelView[]): Uint32Array {
  const picture = new Uint32Array(screen.width * screen.height).fill(background);
  const draw = ({ client, rect, offset, children }: ModelView, place: Point, inside: (p: Point) => boolean): void => {
    const own = { x: place.x + rect.x, y: place.y + rect.y };
    const within = ({ x, y }: Point): boolean =>
      inside({ x, y }) && x >= own.x && y >= own.y && x < own.x + rect.width && y < own.y + rect.height;
    const { buffer } = client.gui;
    for (let y = 0; y < screen.height && buffer !== undefined; y += 1)
      for (let x = 0; x < screen.width; x += 1) {
        const column = x - own.x - offset.x + client.panning.x;
        const line = y - own.y - offset.y + client.panning.y;
        const { width, height } = buffer.area;
        if (!within({ x, y }) || column < 0 || line < 0 || column >= width || line >= height) continue;
        const at = line * width + column;
        const share = buffer.opacity?.[at] ?? 255;
        const mixed = [16, 8, 0].map((shift) => {
          const over = ((buffer.pixels[at] as number) >>> shift) & 255;
          const under = ((picture[y * screen.width + x] as number) >>> shift) & 255;
          return Math.round((over * share + under * (255 - share)) / 255);
        });
        picture[y * screen.width + x] = mixed.reduce((pixel, channel) => (pixel << 8) | channel, 0);
      }
    for (const child of [...children].reverse()) draw(child, own, within);
  };
  for (const root of [...roots].reverse()) draw(root, { x: 0, y: 0 }, () => true);
  return picture;
}

const coordinate = fc.integer({ min: -15, max: 40 });
const rect = fc.record({
  x: coordinate,
  y: coordinate,
  width: fc.integer({ min: 0, max: 50 }),
  height: fc.integer({ min: 0, max: 40 }),
});
const step = fc.record({
  action: fc.constantFrom(
    ...["view", "view", "child", "geometry", "offset", "front", "back", "front of", "behind of"],
    ...["destroy", "draw", "draw", "draw", "resize", "panning", "blit"],
  ),
  client: fc.nat(2),
  view: fc.nat(20),
  other: fc.nat(20),
  rect,
  color: fc.integer({ min: 0, max: 0xffffff }),
  opacity: fc.constantFrom(0, 255, 100, 200),
  front: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function fill({ gui }: Model, { rect: where, color, opacity }: Step): Promise<void> {
  const { buffer } = gui;
  if (buffer === undefined) return;
  for (let y = Math.max(0, where.y); y < Math.min(buffer.area.height, where.y + where.height); y += 1)
    for (let x = Math.max(0, where.x); x < Math.min(buffer.area.width, where.x + where.width); x += 1) {
      buffer.pixels[y * buffer.area.width + x] = color;
      if (buffer.opacity) buffer.opacity[y * buffer.area.width + x] = opacity;
    }
  await shown(gui, where);
}

class Run {
  readonly #roots: ModelView[] = [];
  readonly #clients: readonly Model[];

  constructor(clients: readonly Model[]) {
    this.#clients = clients;
  }

  get #all(): readonly ModelView[] {
    const below = (views: readonly ModelView[]): ModelView[] =>
      views.flatMap((view) => [view, ...below(view.children)]);
    return below(this.#roots);
  }

  async #add(client: Model, { rect: where, front }: Step, parent?: ModelView): Promise<void> {
    const view = await client.gui.view({ rect: where, front, ...(parent && { parent: parent.view }) });
    const siblings = parent?.children ?? this.#roots;
    const added = { view, client, rect: where, offset: { x: 0, y: 0 }, children: [], siblings };
    if (front) siblings.unshift(added);
    else siblings.push(added);
  }

  #move(moving: ModelView, beside: ModelView | undefined, front: boolean): void {
    const { siblings } = moving;
    siblings.splice(siblings.indexOf(moving), 1);
    const neighbour = beside === undefined ? -1 : siblings.indexOf(beside);
    if (front) siblings.splice(Math.max(0, neighbour), 0, moving);
    else siblings.splice(neighbour < 0 ? siblings.length : neighbour + 1, 0, moving);
  }

  async step(step: Step): Promise<void> {
    const client = this.#clients[step.client] as Model;
    const own = this.#all.filter((one) => one.client === client);
    const one = own[step.view % Math.max(1, own.length)];
    const other = own[step.other % Math.max(1, own.length)];
    switch (step.action) {
      case "view":
        return this.#add(client, step);
      case "child":
        return one && this.#add(client, step, one);
      case "draw":
        return fill(client, step);
      case "resize":
        await client.gui.makeBuffer(
          { width: step.rect.width + 1, height: step.rect.height + 1 },
          { alpha: client.alpha },
        );
        return fill(client, step);
      case "panning":
        client.panning = { x: step.rect.x, y: step.rect.y };
        client.gui.panning(client.panning);
        return;
      case "blit":
        return (
          client.gui.buffer && client.gui.blit([{ from: { x: 0, y: 0, width: 3, height: 2 }, to: { x: 3, y: 1 } }])
        );
    }
    if (one === undefined || other === undefined) return;
    if (step.action === "geometry") {
      one.rect = step.rect;
      one.view.geometry(step.rect);
    } else if (step.action === "offset") {
      one.offset = { x: step.rect.x, y: step.rect.y };
      one.view.offset(one.offset);
    } else if (step.action === "destroy") {
      one.siblings.splice(one.siblings.indexOf(one), 1);
      return one.view.destroy();
    } else {
      const front = step.action.startsWith("front");
      const beside = step.action.endsWith("of") && other !== one ? other : undefined;
      this.#move(one, beside, front);
      if (front) one.view.front(beside?.view);
      else one.view.back(beside?.view);
    }
    await client.gui.execute();
  }

  compare(display: TestDisplay): void {
    const wanted = expected(this.#roots);
    const seen = display.pixels;
    for (let at = 0; at < wanted.length; at += 1)
      if (wanted[at] !== seen[at]) {
        const place = `${at % screen.width}, ${Math.floor(at / screen.width)}`;
        assert.is(seen[at]?.toString(16), wanted[at]?.toString(16), `the pixel at ${place}`);
      }
  }
}

test("whatever clients do, the display shows it, by what it is told has changed", {
  timeout: 90_000,
}, async (context) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 14 }), async (batches) => {
      const system = await desktop(context, { pointer: false });
      const display = await system.display(screen);
      const clients: Model[] = [];
      for (const [index, alpha] of [false, true, false].entries()) {
        const gui = await system.client(`client-${index}`);
        const { pixels, opacity } = await gui.makeBuffer({ width: 25, height: 20 }, { alpha });
        pixels.fill(0x3050 * (index + 1));
        opacity?.fill(128);
        await shown(gui);
        clients.push({ gui, alpha, panning: { x: 0, y: 0 }, views: [] });
      }
      const run = new Run(clients);
      for (const batch of batches) {
        for (const one of batch) await run.step(one);
        for (const { gui } of clients) await gui.mode();
        run.compare(await display.refresh());
      }
      for (const { gui } of clients) await gui.close();
      await display.capture.close();
    }),
    { numRuns: 60 },
  );
});

test.run();
