/** The terminal's window on a GUI server: what programs write is seen, what is typed and clicked is sent. */
import * as assert from "uvu/assert";
import { Clipboard } from "../../apps/terminal/clipboard.js";
import { configSchema } from "../../apps/terminal/config.js";
import { Keyboard } from "../../apps/terminal/keyboard.js";
import { isLineCharacter, lineCharacter } from "../../apps/terminal/line-characters.js";
import { paletteColor, theme } from "../../apps/terminal/palette.js";
import { openTerminal } from "../../apps/terminal/terminal.js";
import type { TerminalWindow } from "../../apps/terminal/terminal-window.js";
import { checked } from "../../base/schema.js";
import type { Window } from "../../lib/drawing/window.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { Clipboard as ClipboardServer } from "../../servers/clipboard/clipboard.js";
import { configSchema as clipboardSchema } from "../../servers/clipboard/config.js";
import { configSchema as guiSchema } from "../../servers/gui/config.js";
import type { EventConnection, InputEvent } from "../../sessions/event/index.js";
import { ReportInterface, ReportSession } from "../../sessions/report/index.js";
import { ROM, RomSession } from "../../sessions/rom/index.js";
import { Terminal, type TerminalConnection } from "../../sessions/terminal/index.js";
import { desktop, type TestDesktop, type TestDisplay } from "../support/desktop.js";
import { endingEnv } from "../support/ending-env.js";
import { LocalParent } from "../support/local-parent.js";
import { eventually } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("terminal window");

const [cellWidth, cellHeight, margin] = [9, 18, 4];
const screen = { width: 400, height: 240 };

interface Opened {
  readonly system: TestDesktop;
  readonly display: TestDisplay;
  readonly source: EventConnection;
  readonly window: Window<TerminalWindow>;
  readonly program: TerminalConnection;
}

async function opened(context: Context, config: object = {}): Promise<Opened> {
  const system = await desktop(context, { pointer: false });
  const display = await system.display(screen);
  const source = context.use(await system.source());
  const options = configSchema.parse({ columns: 40, lines: 10, ...config }, [], []);
  const window = context.use(await openTerminal(system.env("terminal"), options));
  const program = context.use(await system.env("program").connect(Terminal));
  return { system, display, source, window, program };
}

/** The colours of a cell, by how many of its pixels have them. */
function colors({ display }: Opened, column: number, row: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let y = 0; y < cellHeight; ++y)
    for (let x = 0; x < cellWidth; ++x) {
      const color = display.at(margin + column * cellWidth + x, margin + row * cellHeight + y);
      found.set(color, (found.get(color) ?? 0) + 1);
    }
  return found;
}

/** Captures, as a display does again and again, until the cell shows what is wanted. */
function untilCell(terminal: Opened, column: number, row: number, wanted: (found: Map<number, number>) => boolean) {
  return eventually(`cell ${column}, ${row} looks so`, async () => {
    await terminal.display.refresh();
    const found = colors(terminal, column, row);
    return wanted(found) ? found : undefined;
  });
}

const allPixels = cellWidth * cellHeight;

/** A point of the screen, as shares of it, within a cell. */
function point(column: number, row: number): { readonly x: number; readonly y: number } {
  return {
    x: (margin + (column + 0.25) * cellWidth) / screen.width,
    y: (margin + (row + 0.5) * cellHeight) / screen.height,
  };
}

function click(column: number, row: number, button = "BTN_LEFT"): InputEvent[] {
  return [
    { kind: "absolute-motion", ...point(column, row) },
    { kind: "press", key: keyCode(button) },
    { kind: "release", key: keyCode(button) },
  ];
}

async function received(program: TerminalConnection, count: number): Promise<string> {
  let text = "";
  while (text.length < count) text += Buffer.from(await program.read({ signal: AbortSignal.timeout(5000) })).toString();
  return text;
}

test("shows what a program writes, in its colours", async (context) => {
  const terminal = await opened(context);
  await terminal.program.write("\u001b[48;5;33m \u001b[48;2;10;20;30m \u001b[0m\u001b[31m█\u001b[0mX\r\n");
  await untilCell(terminal, 0, 0, (found) => found.get(paletteColor(33)) === allPixels);
  await untilCell(terminal, 1, 0, (found) => found.get(0x0a141e) === allPixels);
  await untilCell(terminal, 2, 0, (found) => found.get(paletteColor(1)) === allPixels);
  const letter = await untilCell(terminal, 3, 0, (found) => found.size > 2);
  assert.ok((letter.get(theme.background) ?? 0) > allPixels / 3, "a letter leaves much of its cell empty");
  assert.is((await untilCell(terminal, 4, 0, () => true)).get(theme.background), allPixels);
});

test("the cursor is a frame until the window has the focus, and goes where the program puts it", async (context) => {
  const terminal = await opened(context);
  const cursor = (filled: boolean) => (found: Map<number, number>) =>
    filled ? found.get(theme.cursor) === allPixels : found.get(theme.cursor) === 2 * (cellWidth + cellHeight) - 4;
  await untilCell(terminal, 0, 0, cursor(false));
  await terminal.source.submit(click(20, 5));
  await untilCell(terminal, 0, 0, cursor(true));
  await terminal.program.write("\u001b[4;8H");
  await untilCell(terminal, 7, 3, cursor(true));
  assert.is((await untilCell(terminal, 0, 0, () => true)).get(theme.background), allPixels);
  await terminal.program.write("\u001b[?25l");
  await untilCell(terminal, 7, 3, (found) => found.get(theme.background) === allPixels);
});

test("paints only what changed, and nothing when nothing does", async (context) => {
  const terminal = await opened(context);
  await terminal.program.write("\u001b[?25lone\r\ntwo\r\nthree\u001b[2;2H");
  await untilCell(terminal, 0, 2, (found) => found.size > 2);
  await terminal.display.refresh();
  await terminal.program.write("X");
  await eventually("the change comes", async () => {
    await terminal.display.refresh();
    return terminal.display.changed.length > 0 || undefined;
  });
  assert.equal(terminal.display.changed, [
    { x: margin + cellWidth, y: margin + cellHeight, width: cellWidth, height: cellHeight },
  ]);
  await terminal.program.write("\u001b[2;2HX");
  await new Promise((resolve) => setTimeout(resolve, 60));
  await terminal.display.refresh();
  assert.equal(terminal.display.changed, []);
});

test("sends what is typed, and answers what the program asks", async (context) => {
  const terminal = await opened(context);
  await terminal.source.submit(click(1, 1));
  const press = (key: string, character?: number): InputEvent[] => [
    { kind: "press", key: keyCode(key), ...(character !== undefined && { character }) },
    { kind: "release", key: keyCode(key) },
  ];
  await terminal.source.submit([
    ...press("KEY_A", 0x61),
    ...press("KEY_E", 0x20ac),
    ...press("KEY_UP"),
    { kind: "press", key: keyCode("KEY_LEFTCTRL") },
    ...press("KEY_C", 0x63),
    { kind: "release", key: keyCode("KEY_LEFTCTRL") },
    ...press("KEY_ENTER", 10),
  ]);
  assert.is(await received(terminal.program, 7), "a€\u001b[A\u0003\r");
  await terminal.program.write("\u001b[?1h\u001b[6n");
  assert.is(await received(terminal.program, 6), "\u001b[1;1R");
  await terminal.source.submit(press("KEY_UP"));
  assert.is(await received(terminal.program, 3), "\u001bOA");
});

test("repeats held keys that have no character, until they are released or the focus goes", async (context) => {
  const terminal = await opened(context);
  const up = keyCode("KEY_UP");
  await terminal.source.submit([...click(1, 1), { kind: "press", key: up }]);
  assert.is(await received(terminal.program, 9), "\u001b[A".repeat(3));
  await terminal.source.submit([{ kind: "release", key: up }]);
  /** Resolves to whatever comes within some periods. */
  const more = (): Promise<string> =>
    terminal.program.read({ signal: AbortSignal.timeout(150) }).then(
      (bytes) => Buffer.from(bytes).toString(),
      () => "",
    );
  // What was on its way.
  while ((await more()) !== "") {}
  terminal.window.content.input([{ kind: "press", key: up }, { kind: "focus-leave" }]);
  assert.is(await received(terminal.program, 3), "\u001b[A");
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.is(await more(), "");
  await terminal.source.submit([{ kind: "press", key: keyCode("KEY_A"), character: 0x61 }]);
  assert.is(await received(terminal.program, 1), "a");
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.is(await more(), "", "the filter repeats what has a character");
});

test("what is typed before there is a program waits for it", async (context) => {
  const system = await desktop(context, { pointer: false });
  await system.display(screen);
  const options = configSchema.parse({ columns: 40, lines: 10 }, [], []);
  const window = context.use(await openTerminal(system.env("terminal"), options));
  window.content.input([{ kind: "press", key: keyCode("KEY_A"), character: 0x61 }]);
  const program = context.use(await system.env("program").connect(Terminal));
  assert.is(await received(program, 1), "a");
});

test("copies what is marked and pastes it, as one line where lines only wrapped", async (context) => {
  const terminal = await opened(context);
  const text = "a line that is longer than the forty columns of this window";
  await terminal.program.write(`${text}\r\nsecond\u001b[?2004h`);
  await untilCell(terminal, 0, 2, (found) => found.size > 2);
  await terminal.source.submit([
    { kind: "absolute-motion", ...point(2, 0) },
    { kind: "press", key: keyCode("BTN_LEFT") },
    { kind: "absolute-motion", ...point(6, 2) },
    { kind: "release", key: keyCode("BTN_LEFT") },
  ]);
  await untilCell(terminal, 10, 0, (found) => (found.get(theme.selection) ?? 0) > allPixels / 3);
  const held = [keyCode("KEY_LEFTSHIFT"), keyCode("KEY_LEFTCTRL")];
  await terminal.source.submit([
    ...held.map((key): InputEvent => ({ kind: "press", key })),
    { kind: "press", key: keyCode("KEY_C"), character: 0x43 },
    { kind: "release", key: keyCode("KEY_C") },
    ...held.map((key): InputEvent => ({ kind: "release", key })),
    ...click(10, 5, "BTN_MIDDLE"),
  ]);
  const pasted = `\u001b[200~${text.slice(2)}\rsecond\u001b[201~`;
  assert.is(await received(terminal.program, pasted.length), pasted);
});

test("terminals copy and paste by the clipboard of the system", async (context) => {
  const parent = context.use(new LocalParent());
  const document = { policies: [{ labelPrefix: "terminal", domain: "all" }], focus: false };
  const server = new ClipboardServer(checked(clipboardSchema, document, "the configuration"));
  const hub = parent.env("clipboard");
  await hub.announce(ReportInterface, (request) =>
    ReportSession.open(request, 1 << 20, () => server.write(request.label)),
  );
  await hub.announce(ROM, (request) => new RomSession(request, server.readable(request.label)));
  const [first, second] = await Promise.all(
    ["terminal-1", "terminal-2"].map((name) => Clipboard.open(endingEnv(context, parent.env(name)), true)),
  );
  for (const text of ["one", "Zwei Gr\u00fc\u00dfe \u20ac", "long ".repeat(20_000)]) {
    first?.copy(text);
    await eventually("the other terminal pastes it", async () => (await second?.content()) === text || undefined);
  }
  second?.copy("back");
  await eventually("the first pastes it", async () => (await first?.content()) === "back" || undefined);
});

test("a double click takes a word, and what changes it lets it go", async (context) => {
  const terminal = await opened(context);
  await terminal.program.write("see /dev/fb0, then\u001b[5;1H");
  await untilCell(terminal, 5, 0, (found) => found.size > 2);
  await terminal.source.submit([...click(6, 0), ...click(6, 0)]);
  await untilCell(terminal, 4, 0, (found) => (found.get(theme.selection) ?? 0) > allPixels / 3);
  assert.not((await untilCell(terminal, 13, 0, () => true)).has(theme.selection), "the comma is not the word's");
  await terminal.program.write("\u001b[1;7HXX");
  await untilCell(terminal, 4, 0, (found) => !found.has(theme.selection));
});

test("the wheel scrolls back, and typing returns", async (context) => {
  const terminal = await opened(context);
  await terminal.program.write(`\u001b[41m \u001b[0m\r\n${"line\r\n".repeat(12)}`);
  await untilCell(terminal, 0, 8, (found) => found.size > 2);
  await terminal.source.submit([...click(1, 1), { kind: "wheel", x: 0, y: 2 }]);
  await untilCell(terminal, 0, 0, (found) => found.get(paletteColor(1)) === allPixels);
  await terminal.source.submit([{ kind: "press", key: keyCode("KEY_A"), character: 0x61 }]);
  await untilCell(terminal, 0, 0, (found) => !found.has(paletteColor(1)));
  assert.is(await received(terminal.program, 1), "a");
});

test("has one program at a time, and the next finds a screen that can be read", async (context) => {
  const terminal = await opened(context);
  await terminal.program.write("\u001b[?1049h\u001b[?25l\u001b[44mfull screen");
  try {
    await terminal.system.env("other").connect(Terminal);
    assert.unreachable("a second program was served");
  } catch (error) {
    assert.match((error as Error).message, "has a program already");
  }
  await terminal.program.close();
  const next = await eventually("the window is free", () =>
    terminal.system
      .env("next")
      .connect(Terminal)
      .catch(() => undefined),
  );
  context.use(next);
  assert.equal(await next.size(), { columns: 40, lines: 10 });
  assert.ok(await next.connected());
  await untilCell(terminal, 0, 0, (found) => !found.has(paletteColor(4)));
  await next.write("\u001b[H\u001b[42m ");
  await untilCell(terminal, 0, 0, (found) => found.get(paletteColor(2)) === allPixels);
});

test("takes the size that there is, and its program learns of it", async (context) => {
  const terminal = await opened(context);
  await terminal.program.write("\u001b[44m \u001b[0m");
  await untilCell(terminal, 0, 0, (found) => found.get(paletteColor(4)) === allPixels);
  const told = new Promise<void>((resolve) => terminal.program.onSizeChange(resolve));
  const domains = { small: { width: 200, height: 100 } };
  terminal.system.server.configure(checked(guiSchema, { domains, defaultPolicy: { domain: "small" } }, "the GUI"));
  await told;
  assert.equal(await terminal.program.size(), { columns: 21, lines: 5 });
  await untilCell(terminal, 0, 0, (found) => found.get(paletteColor(4)) === allPixels);
  await terminal.program.write("\u001b[5;21H\u001b[42m \u001b[H");
  await untilCell(terminal, 20, 4, (found) => found.get(paletteColor(2)) === allPixels);
});

test("takes a flood of output without losing any, while displays see the newest", {
  timeout: 30_000,
}, async (context) => {
  const terminal = await opened(context);
  await terminal.program.write(`${"0123456789".repeat(30)}\r\n`.repeat(3000));
  await terminal.program.write("\u001b[2J\u001b[H\u001b[43m ");
  await untilCell(terminal, 0, 0, (found) => found.get(paletteColor(3)) === allPixels);
});

test("is there again, whole, when the GUI server restarts", async (context) => {
  const terminal = await opened(context);
  await terminal.program.write("\u001b[45m \u001b[0m");
  await untilCell(terminal, 0, 0, (found) => found.get(paletteColor(5)) === allPixels);
  terminal.system.restart();
  const display = await terminal.system.display(screen, "another");
  await untilCell({ ...terminal, display }, 0, 0, (found) => found.get(paletteColor(5)) === allPixels);
});

test("garbage breaks nothing", { timeout: 20_000 }, async (context) => {
  const terminal = await opened(context);
  let state = 7;
  const garbage = Uint8Array.from(
    { length: 60_000 },
    () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24,
  );
  await terminal.program.write(garbage);
  await terminal.program.write("\u0018\u001bc\u001b[46m ");
  await untilCell(terminal, 0, 0, (found) => found.get(paletteColor(6)) === allPixels);
});

test("keys send what an xterm's do", () => {
  const keyboard = new Keyboard();
  const typed = (name: string, character?: number, applicationCursor = false): string => {
    const event = { kind: "press", key: keyCode(name), ...(character !== undefined && { character }) } as const;
    return keyboard.handle(event, { applicationCursor });
  };
  const table: readonly (readonly [string, number | undefined, string])[] = [
    ["KEY_F1", undefined, "\u001bOP"],
    ["KEY_F5", undefined, "\u001b[15~"],
    ["KEY_F12", undefined, "\u001b[24~"],
    ["KEY_DELETE", undefined, "\u001b[3~"],
    ["KEY_PAGEDOWN", undefined, "\u001b[6~"],
    ["KEY_END", undefined, "\u001b[F"],
    ["KEY_BACKSPACE", 8, "\u007f"],
    ["KEY_TAB", 9, "\t"],
    ["KEY_ESC", undefined, "\u001b"],
    ["KEY_Q", 0x40, "@"],
    ["KEY_LEFTMETA", undefined, ""],
  ];
  for (const [name, character, wanted] of table) assert.is(typed(name, character), wanted, name);
  assert.is(typed("KEY_HOME", undefined, true), "\u001bOH");
  assert.is(keyboard.handle({ kind: "press", key: 0, character: 0xf702 }, { applicationCursor: false }), "\u001b[D");
  typed("KEY_LEFTSHIFT");
  assert.is(typed("KEY_TAB", 9), "\u001b[Z");
  typed("KEY_LEFTCTRL");
  assert.is(typed("KEY_RIGHT"), "\u001b[1;6C");
  assert.is(typed("KEY_DELETE"), "\u001b[3;6~");
  keyboard.handle({ kind: "focus-leave" }, { applicationCursor: false });
  typed("KEY_LEFTALT");
  assert.is(typed("KEY_X", 0x78), "\u001bx");
});

test("lines of characters meet at the edges of their cells", () => {
  /** Which edges the characters reach, clockwise from the top, by what their names in Unicode say. */
  const edges: Readonly<Record<string, string>> = {
    "─━┄┅┈┉╌╍═╼╾": "right left",
    "│┃┆┇┊┋╎╏║╽╿": "top bottom",
    "┌┏╔╒╓╭": "right bottom",
    "┐┓╗╕╖╮": "bottom left",
    "└┗╚╘╙╰": "top right",
    "┘┛╝╛╜╯": "top left",
    "├┣╠╞╟┠": "top right bottom",
    "┤┫╣╡╢┨": "top bottom left",
    "┬┳╦╤╥┯": "right bottom left",
    "┴┻╩╧╨┷": "top right left",
    "┼╋╬╪╫╂": "top right bottom left",
    "╵╹": "top",
    "╶╺": "right",
  };
  for (const [width, height] of [
    [9, 18],
    [8, 15],
    [20, 40],
  ] as const)
    for (const [characters, wanted] of Object.entries(edges))
      for (const character of characters) {
        const codePoint = character.codePointAt(0) as number;
        assert.ok(isLineCharacter(codePoint));
        const { values } = lineCharacter(codePoint, width, height);
        const covers = (x: number, y: number): boolean => (values[y * width + x] as number) > 0;
        const rows = [...Array(height).keys()];
        const columns = [...Array(width).keys()];
        const found = [
          columns.some((x) => covers(x, 0)) && "top",
          rows.some((y) => covers(width - 1, y)) && "right",
          columns.some((x) => covers(x, height - 1)) && "bottom",
          rows.some((y) => covers(0, y)) && "left",
        ];
        // The last dash leaves a gap, after which the next cell's first one comes.
        const dashed = "┄┅┈┉╌╍┆┇┊┋╎╏".includes(character);
        const expected = dashed ? wanted.replace("right ", "").replace(" bottom", "") : wanted;
        assert.is(found.filter(Boolean).join(" "), expected, `${character} in ${width} x ${height}`);
      }
});

test.run();
