/** The default system in a browser: what is typed there goes through filter, screen, window and monitor, and does something. */
// timeout: 150s
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { packageRoot } from "../../bindings/prebuilt.js";
import { Browser } from "../support/browser.js";
import { eventually, RunningSystem } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("desktop in a browser");

/** What of the default system is in the way of a test. */
const changes = [
  // An interface of this machine.
  ['{ "tap": "bulkhead0" }, ', ""],
  // A port that others may have.
  ['{ "listen": "127.0.0.1:8420" }, ', ""],
  // A window that may lie over that of the terminal.
  ['"binary": "component-viewer",', '"binary": "test/dummy",'],
] as const;

function defaultSystem(): string {
  let text = readFileSync(join(packageRoot(), "systems/default.jsonc"), "utf8");
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), `the default system has ${from}`);
    text = text.replace(from, to);
  }
  return text;
}

test("a command that is typed into the terminal's window is carried out", { timeout: 120_000 }, async (context) => {
  const browser = Browser.start(context);
  const running = context.use(await RunningSystem.start(defaultSystem()));
  const [, link = ""] = await eventually(
    "the link is printed",
    () => /screen +(http:\S+)/.exec(running.printed) ?? undefined,
  );
  const page = await browser.open(link, { width: 1600, height: 900 });
  // The cursor of the terminal, in the only window: nothing else is orange.
  await page.until(
    "(() => { const { width, height } = canvas; const { data } = canvas.getContext('2d').getImageData(0, 0, width, height); let count = 0; for (let at = 0; at < data.length; at += 4) if (data[at] > 220 && data[at + 1] > 150 && data[at + 2] < 110) count += 1; return count > 20; })()",
  );
  const { left, top, width, height } = await page.evaluate<{
    left: number;
    top: number;
    width: number;
    height: number;
  }>(
    "(({ left, top, width, height }) => ({ left, top, width, height }))(document.querySelector('#canvas').getBoundingClientRect())",
  );
  // A click into the window gives it the focus.
  const [x, y] = [left + width / 2, top + height / 2];
  await page.mouse("mouseMoved", x, y);
  await page.mouse("mousePressed", x, y, { button: "left", buttons: 1, clickCount: 1 });
  await page.mouse("mouseReleased", x, y, { button: "left", buttons: 0, clickCount: 1 });
  const before = await running.start("block");
  const codes: Readonly<Record<string, string>> = { " ": "Space" };
  for (const key of "restart block") await page.type(codes[key] ?? `Key${key.toUpperCase()}`, key);
  await page.type("Enter", "Enter");
  await eventually("the component was started anew", async () =>
    (await running.start("block")) > before ? true : undefined,
  );
});

test.run();
