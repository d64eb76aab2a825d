/** The web console as people use it: a real system, and a real browser. */
// timeout: 180s
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { Browser, type Page } from "../support/browser.js";
import { ConsoleClient } from "../support/console-client.js";
import { eventually } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";
import { type SystemDocument, TestSystem } from "../support/system.js";

const test = suite("web console in a browser");
const limits = { timeout: 60_000 };

function system(
  context: Context,
  console_: Readonly<Record<string, unknown>> = {},
  more: object = {},
  others: object = {},
): TestSystem {
  return context.use(
    TestSystem.start({
      parentProvides: ["ROM", "LOG", "Platform", "System"],
      defaultRoute: { Capture: "screen", Event: "screen", "*": "parent" },
      report: { ids: true },
      operators: { policies: [{ label: "web-console", rights: "edit" }] },
      start: {
        screen: {
          binary: "test/fake-screen",
          ram: "16M",
          provides: ["Capture", "Event"],
          config: { width: 640, height: 400 },
        },
        ticker: { binary: "test/hello", restart: { mode: "on-crash", backoff: { initial: "1ms" } } },
        "web-console": {
          ram: "32M",
          grants: { page: { listen: "127.0.0.1:0" } },
          config: { reports: ["state"] },
          ...console_,
        },
        ...others,
      },
      ...more,
    }),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function address(running: TestSystem): Promise<string> {
  return /http\S+/.exec(await running.untilLogged("web-console", /The console is at/))?.[0] as string;
}

/** The console's page, connected and with a picture. */
async function shown(browser: Browser, url: string, phone = false): Promise<Page> {
  const page = await browser.open(url, phone ? { width: 390, height: 844, phone } : { width: 1280, height: 800 });
  await page.until("document.querySelector('#canvas').width === 640");
  return page;
}

/** The colour of a pixel of the canvas: `r,g,b`. */
function pixel(x: number, y: number): string {
  return `document.querySelector('#canvas').getContext('2d').getImageData(${x}, ${y}, 1, 1).data.slice(0, 3).join()`;
}

/** The events that the screen was told of, in their order. */
function events(running: TestSystem): string[] {
  return running.lines("screen").flatMap((line) => (line.startsWith("event ") ? [line.slice("event ".length)] : []));
}

test("shows the pixels of the screen, and brings keys, pointer and wheel back", limits, async (context) => {
  const browser = Browser.start(context);
  const running = system(context);
  const page = await shown(browser, await address(running));
  for (const [x, y, colour] of [
    [10, 100, "255,0,0"],
    [600, 100, "0,0,255"],
    [10, 390, "0,255,0"],
    [600, 390, "255,255,0"],
  ] as const)
    await page.until(`${pixel(x, y)} === "${colour}"`);
  // The strip at the top, in which no pixel is like its neighbour.
  const noise = (777 * 7919 + 5 * 104729) & 0xffffff;
  const x = 777 % 640;
  const value = (x * 7919 + 5 * 104729) & 0xffffff;
  assert.is.not(value, noise);
  assert.is(await page.evaluate(pixel(x, 5)), [value >> 16, (value >> 8) & 255, value & 255].join());

  await page.click("#canvas");
  await page.type("KeyA", "a");
  await page.type("ArrowLeft", "ArrowLeft");
  const { x: left, y: top } = await page.middle("#canvas");
  await page.mouse("mouseWheel", left, top, { deltaX: 0, deltaY: 200 });
  const seen = await eventually("the wheel came", () => {
    const list = events(running);
    return list.some((event) => event.includes("wheel")) ? list : undefined;
  });
  const inOrder = [
    '"press","key":272',
    '"release","key":272',
    '"press","key":30',
    '"release","key":30',
    '"press","key":105',
    '"release","key":105',
    '"wheel","x":0,"y":-2',
  ];
  let at = -1;
  for (const wanted of inOrder) {
    const next = seen.findIndex((event, place) => place > at && event.includes(wanted));
    assert.ok(next > at, `${wanted} after ${seen[at]} in ${seen.join(" ")}`);
    at = next;
  }
  const motion = JSON.parse(seen.find((event) => event.includes("absolute-motion")) as string) as {
    x: number;
    y: number;
  };
  assert.ok(Math.abs(motion.x - 0.5) < 0.01 && Math.abs(motion.y - 0.5) < 0.01, "a click in the middle");
});

test("releases what a closed page held", limits, async (context) => {
  const browser = Browser.start(context);
  const running = system(context);
  const page = await shown(browser, await address(running));
  await page.click("#canvas");
  await page.send("Input.dispatchKeyEvent", { type: "keyDown", code: "ShiftLeft", key: "Shift" });
  await eventually("the key is down", () =>
    events(running).some((one) => one.includes('"press","key":42')) ? true : undefined,
  );
  await page.send("Page.navigate", { url: "about:blank" });
  await eventually("the key is up", () =>
    events(running).some((one) => one.includes('"release","key":42')) ? true : undefined,
  );
});

test("shows components, kills one by its button, and shows the log as it is written", limits, async (context) => {
  const browser = Browser.start(context);
  const running = system(context);
  const page = await shown(browser, await address(running));
  await page.until("document.querySelectorAll('#tree > li').length === 3");
  assert.equal(
    await page.evaluate("[...document.querySelectorAll('#tree > li')].map((item) => item.dataset.component)"),
    ["screen", "ticker", "web-console"],
  );
  const row = '#tree > li[data-component="screen"]';
  await page.click(`${row} summary`);
  assert.match(
    await page.evaluate<string>(`document.querySelector('${row}').innerText`),
    "serves Capture to web-console",
  );
  const before = running.id("screen");
  const kill = `${row} .actions button:nth-child(2)`;
  await page.click(kill);
  await page.until(`document.querySelector('${kill}').textContent === 'Really kill?'`);
  assert.is(running.id("screen"), before, "once is not enough");
  await page.click(kill);
  await running.untilChild("screen", "runs again", ({ id = 0, state }) => id > before && state === "alive");
  await page.until(`document.querySelector('${row}').innerText.includes('restarted')`);
  await page.click("#tab-log");
  await page.until("document.querySelector('#lines').innerText.includes('was ended by SIGKILL')");
  running.root.console.line("witness", "<b>a line that came later</b>");
  await page.until("document.querySelector('#lines').innerText.includes('<b>a line that came later</b>')");
  await page.click("#tab-reports");
  await page.until("document.querySelector('#report-text').textContent.includes('web-console')");
  // The picture is back, and what is typed arrives at the new server.
  await page.until(`${pixel(600, 390)} === "255,255,0"`);
  await page.click("#canvas");
  await page.type("KeyB", "b");
  await eventually("the key came", () =>
    events(running).some((one) => one.includes('"press","key":48')) ? true : undefined,
  );
});

test("shows the components of a nested init below it, and kills one", limits, async (context) => {
  const browser = Browser.start(context);
  const probe = { binary: "test/fake-screen", ram: "16M", provides: ["Capture"], config: { width: 64, height: 40 } };
  const viewer = { binary: "test/hello", restart: { mode: "on-crash", backoff: { initial: "1ms" } } };
  const lab = {
    binary: "init",
    ram: "64M",
    caps: 1000,
    route: { "*": "parent" },
    config: { parentProvides: ["ROM", "LOG", "Spawner"], defaultRoute: { "*": "parent" }, start: { probe, viewer } },
  };
  const running = system(context, {}, { parentProvides: ["ROM", "LOG", "Platform", "System", "Spawner"] }, { lab });
  const page = await shown(browser, await address(running));
  const rows = "[...document.querySelectorAll('#tree > li')].map((item) => item.dataset.component)";
  await page.until(`${rows}.length === 6`);
  assert.equal(await page.evaluate(rows), ["screen", "ticker", "web-console", "lab", "lab -> probe", "lab -> viewer"]);
  const row = '#tree > li[data-component="lab -> probe"]';
  const edge = (of: string): Promise<number> =>
    page.evaluate(`document.querySelector('${of} .dot').getBoundingClientRect().left`);
  assert.ok((await edge(row)) > (await edge('#tree > li[data-component="lab"]')), "it stands further right");
  await page.until(`document.querySelector('${row} .number:last-child').textContent.endsWith('MB')`);
  await page.click(`${row} summary`);
  await page.until(`document.querySelector('${row}').innerText.includes('uses ROM of the system')`);
  assert.match(await page.evaluate<string>(`document.querySelector('${row}').innerText`), /^probe\n/);
  assert.is(await page.evaluate(`document.querySelectorAll('${row} button').length`), 1, "it is not restarted here");
  const before = running.root.spawned.get("lab -> probe")?.process.pid;
  await page.click(`${row} button`);
  await page.until(`document.querySelector('${row} button').textContent === 'Really kill?'`);
  await page.click(`${row} button`);
  await page.until(`document.querySelector('${row}').innerText.includes('restarted')`);
  await eventually("another process", () => {
    const pid = running.root.spawned.get("lab -> probe")?.process.pid;
    return pid !== undefined && pid !== before ? true : undefined;
  });
});

test("comes back when it was killed, and what was held is up", limits, async (context) => {
  const browser = Browser.start(context);
  const port = await freePort();
  const running = system(context, { grants: { page: { listen: `127.0.0.1:${port}` } } });
  const page = await shown(browser, await address(running));
  await page.click("#canvas");
  await page.send("Input.dispatchKeyEvent", { type: "keyDown", code: "ShiftLeft", key: "Shift" });
  const saw = (event: string): Promise<true> =>
    eventually(`${event} came`, () => (events(running).some((one) => one.includes(event)) ? true : undefined));
  await saw('"press","key":42');
  const before = running.id("web-console");
  running.init.kill("web-console");
  await saw('"release","key":42');
  await running.untilChild("web-console", "runs again", ({ id = 0, state }) => id > before && state === "alive");
  await page.until("document.querySelector('#link').dataset.state === 'open'");
  await page.until("!document.querySelector('#stage').classList.contains('lost')");
  await page.click("#canvas");
  await page.type("KeyC", "c");
  await saw('"press","key":46');
});

test("checks the system file as it is typed, and applies it while everything runs", limits, async (context) => {
  const browser = Browser.start(context);
  const running = system(context);
  const page = await shown(browser, await address(running));
  await page.click("#tab-file");
  await page.until("document.querySelector('#file-text').value.includes('ticker')");
  const edit = (from: string, to: string): Promise<void> =>
    page.evaluate(
      `(() => { const text = document.querySelector('#file-text'); text.value = text.value.replace(${JSON.stringify(from)}, ${JSON.stringify(to)}); text.dispatchEvent(new Event('input')); })()`,
    );
  await edit('"binary":"test/hello"', '"binarry":"test/hello"');
  await page.until("document.querySelector('#findings').innerText.includes('did you mean \"binary\"')");
  assert.is(await page.evaluate("document.querySelector('#file-apply').disabled"), true);
  await edit('"binarry":"test/hello"', '"binary":"test/hello"');
  await edit('"ticker":', '"second":{"binary":"test/hello"},"ticker":');
  await page.until("document.querySelector('#file-state').textContent === 'Changed, no errors'");
  await page.click("#file-apply");
  await running.until("the second one is there", ({ children }) => children["second"] !== undefined);
  await page.until("document.querySelector('#file-state').textContent === 'Applied'");
  assert.match(readFileSync(running.root.file, "utf8"), '"second"');
  // Somebody else edits meanwhile.
  await edit('"second":{"binary":"test/hello"},', "");
  await running.apply(
    JSON.parse(readFileSync(running.root.file, "utf8").replace('"second"', '"third"')) as SystemDocument,
  );
  await page.until("document.querySelector('#file-state').textContent === 'Changed, no errors'");
  await page.click("#file-apply");
  await page.until("document.querySelector('#file-state').textContent.includes('has changed since it was read')");
  assert.ok(running.state().children["third"], "what somebody else wrote is in force");
});

test("works by fingers on a phone, with the keys that its keyboard lacks", limits, async (context) => {
  const browser = Browser.start(context);
  const running = system(context);
  const page = await shown(browser, await address(running), true);
  const tap = async (selector: string): Promise<void> => {
    const place = await page.middle(selector);
    await page.touch("touchStart", [{ ...place, id: 1 }]);
    await page.touch("touchEnd", []);
  };
  await tap('[data-sticky="ControlLeft"]');
  await page.until("document.querySelector('[data-sticky=ControlLeft]').ariaPressed === 'true'");
  await tap('[data-key="Tab"]');
  await page.evaluate("document.querySelector('[data-action=keyboard]').click()");
  await page.send("Input.insertText", { text: "ä" });
  const { x, y } = await page.middle("#canvas");
  await page.touch("touchStart", [{ x, y, id: 1 }]);
  await page.touch("touchMove", [{ x: x + 20, y, id: 1 }]);
  await page.touch("touchEnd", []);
  const wanted = [
    '{"kind":"press","key":29}',
    '{"kind":"press","key":15}',
    '{"kind":"release","key":15}',
    '{"kind":"release","key":29}',
    `{"kind":"press","key":0,"character":${"ä".codePointAt(0)}}`,
    '{"kind":"touch","id":0',
    '{"kind":"touch-release","id":0}',
  ];
  const seen = await eventually("all came", () => {
    const list = events(running);
    return wanted.every((one) => list.some((event) => event.startsWith(one))) ? list : undefined;
  });
  const places = wanted.map((one) => seen.findIndex((event) => event.startsWith(one)));
  assert.equal(
    places,
    [...places].sort((a, b) => a - b),
    seen.join(" "),
  );
  const { width, inner } = await page.evaluate<{ width: number; inner: number }>(
    "({ width: document.documentElement.scrollWidth, inner: innerWidth })",
  );
  assert.is(width, inner, "nothing sticks out");
});

test("asks for the token, and takes it from a link", limits, async (context) => {
  const browser = Browser.start(context);
  const running = system(context, {
    grants: { page: { listen: "127.0.0.1:0" }, secret: { file: "token", size: 64, write: true } },
    config: { token: "secret" },
  });
  const url = await address(running);
  const file = /A new token is in (.*)/.exec(
    await running.untilLogged("web-console", /A new token is in/),
  )?.[1] as string;
  const token = readFileSync(file, "utf8").replaceAll("\0", "").trim();
  assert.match(token, /^[\w-]{32}$/);
  const page = await browser.open(url, { width: 1280, height: 800 });
  await page.until("document.querySelector('#token-dialog').open");
  const enter = (text: string): Promise<void> =>
    page.evaluate(
      `(() => { document.querySelector('#token').value = ${JSON.stringify(text)}; document.querySelector('#token-form button').click(); })()`,
    );
  await enter("something-else-entirely");
  await page.until("document.querySelector('#token-failure').textContent !== ''");
  assert.is(await page.evaluate("document.querySelector('#canvas').width"), 1);
  await enter(token);
  await page.until("document.querySelector('#canvas').width === 640");
  const linked = await shown(browser, `${url}#token=${token}`);
  assert.is(await linked.evaluate("location.hash"), "", "it does not stay in the address bar");
});

test("encrypts with the certificate that it is granted", limits, async (context) => {
  const browser = Browser.start(context, ["--ignore-certificate-errors"]);
  const folder = mkdtempSync(join(tmpdir(), "certificate-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const words =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=bench -addext subjectAltName=IP:127.0.0.1";
  try {
    execFileSync("openssl", [...words.split(" "), "-keyout", key, "-out", certificate], { stdio: "ignore" });
  } catch {
    context.skip('needs the program openssl: Debian package "openssl"');
  }
  const token = "a-token-of-this-test-alone";
  writeFileSync(join(folder, "token"), `${token}\n`);
  const running = system(context, {
    // Not this machine alone: so all three are needed.
    grants: {
      page: { listen: "0.0.0.0:0" },
      key: { file: key },
      certificate: { file: certificate },
      secret: { file: join(folder, "token") },
    },
    config: { token: "secret", key: "key", certificate: "certificate" },
  });
  const url = (await address(running)).replace("0.0.0.0", "127.0.0.1");
  assert.match(url, /^https:/);
  const page = await shown(browser, `${url}#token=${token}`);
  assert.is(await page.evaluate("isSecureContext && location.protocol"), "https:");
  const refused = await ConsoleClient.connect(url, { options: { rejectUnauthorized: false } }).then(
    () => "connected",
    (error: Error) => error.message,
  );
  assert.is(refused, "refused with 401");
});

test("does not start where others could come in", limits, async (context) => {
  const running = system(context, {
    grants: { page: { listen: "0.0.0.0:0" } },
    restart: { mode: "never" },
  });
  const { failure = "" } = await running.untilChild("web-console", "has ended", ({ state }) => state === "exited");
  assert.match(failure, "which is not this machine alone");
});

test("a name that leads here shows nothing", limits, async (context) => {
  const browser = Browser.start(context, ["--host-resolver-rules=MAP evil.example 127.0.0.1"]);
  const running = system(context);
  const { port } = new URL(await address(running));
  const page = await browser.open(`http://evil.example:${port}/`, { width: 800, height: 600 });
  assert.match(await page.evaluate<string>("document.body.innerText"), "Refused: the Host header");
});

test("another page of this machine gets no connection", limits, async (context) => {
  const browser = Browser.start(context);
  const running = system(context);
  const url = await address(running);
  const other = createServer((_request, response) => response.end("<!doctype html><p>another page</p>"));
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  context.defer(() => {
    other.close();
    other.closeAllConnections();
  });
  const page = await browser.open(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`, {
    width: 800,
    height: 600,
  });
  const connect = (to: string): Promise<string> =>
    page.evaluate(
      `new Promise((resolve) => { const socket = new WebSocket(${JSON.stringify(to)}, "bulkhead.web-console.1"); socket.onopen = () => resolve("open"); socket.onclose = () => resolve("closed"); })`,
    );
  assert.is(await connect(new URL("/socket", url.replace("http", "ws")).href), "closed");
  // The same from the console's own page.
  const own = await shown(browser, url);
  assert.is(
    await own.evaluate(
      'new Promise((resolve) => { const socket = new WebSocket("/socket", "bulkhead.web-console.1"); socket.onopen = () => resolve("open"); socket.onclose = () => resolve("closed"); })',
    ),
    "open",
  );
});

test("a browser that stops reading, and noise on the socket, do not disturb another", limits, async (context) => {
  const running = system(context, {}, {});
  const url = await address(running);
  const stuck = context.use(await ConsoleClient.connect(url, { acknowledges: false }));
  await stuck.until("it has a picture", () => stuck.pictures > 0);
  stuck.socket.pause();
  const { port } = new URL(url);
  const noise = createConnection(Number(port), "127.0.0.1");
  context.defer(() => void noise.destroy());
  noise.on("error", () => {});
  noise.write(Buffer.from(Array.from({ length: 4096 }, (_, place) => (place * 37) & 255)));
  const honest = context.use(await ConsoleClient.connect(url));
  await honest.until("it has the picture", () => honest.pixels[399 * 640 + 600] === 0xffff00);
  honest.ask({ type: "follow", topics: ["state"] });
  await honest.message("state");
  assert.is(running.child("web-console").state, "alive");
  assert.is(running.child("web-console").restarts, undefined);
});

test.run();
