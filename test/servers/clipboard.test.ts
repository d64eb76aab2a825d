/** The clipboard between domains: who copies, who pastes, and when. */
import * as assert from "uvu/assert";
import { SessionError } from "../../base/errors.js";
import { checked } from "../../base/schema.js";
import { Occurrence } from "../../lib/occurrence.js";
import { Clipboard } from "../../servers/clipboard/clipboard.js";
import { configSchema } from "../../servers/clipboard/config.js";
import { focusedLabel } from "../../servers/clipboard/focus.js";
import { Report, ReportInterface, ReportSession } from "../../sessions/report/index.js";
import { ROM, Rom, RomSession } from "../../sessions/rom/index.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";
import { type SystemDocument, TestSystem } from "../support/system.js";

const test = suite("clipboard");

const policies = [
  { labelPrefix: "editor", domain: "work" },
  { labelPrefix: "shell", domain: "work" },
  { labelPrefix: "game", domain: "hobby" },
  { labelPrefix: "admin", domain: "admin" },
];
const flows = [{ from: "hobby", to: "work" }];
const parse = (document: object) => checked(configSchema, document, "the configuration");

/** One end of an application: what it copies, and what it sees and is told. */
async function application(context: Context, parent: LocalParent, name: string) {
  const env = parent.env(name);
  const report = context.use(await env.connect(Report, { label: "clipboard" }));
  const rom = context.use(await env.connect(Rom, { label: "clipboard" }));
  const changed = new Occurrence();
  rom.onChange(() => changed.happened());
  return {
    copy: (text: string) => report.publish(text),
    sees: () => rom.text(),
    /** Waits until it sees this. */
    async until(text: string): Promise<void> {
      for (;;) {
        const seen = changed.count;
        if ((await rom.text()) === text) return;
        await changed.after(seen, AbortSignal.timeout(5000));
        assert.ok(
          changed.count > seen,
          `${name} sees ${JSON.stringify(await rom.text())}, not ${JSON.stringify(text)}`,
        );
      }
    },
    get changes() {
      return changed.count;
    },
  };
}

async function desk(context: Context, document: object = { policies, flows }) {
  const parent = context.use(new LocalParent());
  const clipboard = new Clipboard(parse(document));
  const hub = parent.env("clipboard");
  await hub.announce(ReportInterface, (request) =>
    ReportSession.open(request, 4096, () => clipboard.write(request.label)),
  );
  await hub.announce(ROM, (request) => new RomSession(request, clipboard.readable(request.label)));
  const open = (name: string) => application(context, parent, name);
  return {
    clipboard,
    parent,
    editor: await open("editor"),
    shell: await open("shell"),
    game: await open("game"),
    open,
  };
}

test("what is copied is pasted in its domain, and where a flow leads, with the focus", async (context) => {
  const { clipboard, editor, shell, game } = await desk(context);
  clipboard.focus("editor -> window");
  await editor.copy("report");
  await shell.until("report");
  await editor.until("report");
  clipboard.focus("game");
  // No flow leads from work to hobby.
  assert.is(await game.sees(), "");
  await game.copy("score");
  await game.until("score");
  // Without the focus, nothing new is seen.
  assert.is(await shell.sees(), "report");
  clipboard.focus("shell");
  await shell.until("score");
  await editor.until("score");
});

test("without the focus, copying is refused and changes nothing", async (context) => {
  const { clipboard, editor, game } = await desk(context);
  clipboard.focus("editor");
  await editor.copy("mine");
  await editor.until("mine");
  assert.is(await code(game.copy("spam")), "Denied");
  for (const label of ["", "unknown", "edit"]) {
    clipboard.focus(label);
    assert.is(await code(editor.copy("late")), "Denied", label);
  }
  clipboard.focus("editor");
  assert.is(await editor.sees(), "mine");
  try {
    await game.copy("spam");
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof SessionError);
    assert.match(
      error.message,
      /Cannot copy for "game -> clipboard": its domain "hobby" has not the focus, which "editor" has/,
    );
  }
});

test("the same again is no change, and what a domain may not see hides what it saw", async (context) => {
  const { clipboard, shell, editor, open } = await desk(context);
  clipboard.focus("shell");
  await shell.copy("once");
  await editor.until("once");
  const before = editor.changes;
  await shell.copy("other");
  await editor.until("other");
  await shell.copy("other");
  await shell.copy("last");
  await editor.until("last");
  assert.ok(editor.changes - before <= 2, `${editor.changes - before} changes`);
  const admin = await open("admin");
  clipboard.focus("admin");
  await admin.copy("secret");
  await admin.until("secret");
  clipboard.focus("editor");
  // There is nothing for it to paste: what was copied before is gone from the clipboard.
  await editor.until("");
  clipboard.focus("admin");
  await admin.until("secret");
});

test("who has no policy is denied, both ways", async (context) => {
  const { parent, open } = await desk(context);
  const stranger = parent.env("stranger");
  assert.is(await code(stranger.connect(Report, { label: "clipboard" })), "Denied");
  assert.is(await code(stranger.connect(Rom, { label: "clipboard" })), "Denied");
  assert.is(await code(open("edito")), "Denied");
});

test("what was copied outlives its writer, whose memory is bounded", async (context) => {
  const { clipboard, parent, shell } = await desk(context);
  clipboard.focus("shell");
  const brief = await parent.env("shell").connect(Report, { label: "second" });
  await brief.publish("kept");
  await brief.close();
  await shell.until("kept");
  assert.is(await code(shell.copy("x".repeat(5000))), "Denied");
  assert.is(await shell.sees(), "kept");
});

test("policies and flows may change, and hold at once", async (context) => {
  const { clipboard, editor, game } = await desk(context);
  clipboard.focus("editor");
  await editor.copy("text");
  clipboard.configure(parse({ policies, flows: [{ from: "work", to: "hobby" }] }));
  clipboard.focus("game");
  await game.until("text");
  clipboard.configure(parse({ policies }));
  await game.until("");
  clipboard.configure(parse({ policies: policies.slice(1), flows }));
  clipboard.focus("editor");
  assert.is(await code(editor.copy("none")), "Denied");
});

test("without the rule of the focus, flows alone decide", async (context) => {
  const { editor, shell, game } = await desk(context, { policies, flows, focus: false });
  await game.copy("score");
  await shell.until("score");
  await editor.copy("text");
  await shell.until("text");
  await game.until("");
});

test("only a document with a label says who has the focus", () => {
  assert.is(focusedLabel('{ "label": "wm -> shell", "domain": "default" }'), "wm -> shell");
  for (const text of ["", "null", "[]", "{", '{ "label": 7 }', '"shell"']) assert.is(focusedLabel(text), "", text);
});

/** A system with two applications, and a report that says which one has the focus. */
const system = (focus: string, copied: string): SystemDocument => ({
  start: {
    hub: {
      binary: "report-rom",
      provides: ["ROM", "Report"],
      config: { policies: [{ label: "clipboard -> focus", report: "gui -> focus" }] },
    },
    gui: {
      binary: "test/publisher",
      config: { label: "focus", text: JSON.stringify({ label: focus }) },
      route: { Report: "hub", "*": "parent" },
    },
    clipboard: {
      provides: ["ROM", "Report"],
      config: {
        policies: [
          { labelPrefix: "editor", domain: "work" },
          { labelPrefix: "reader", domain: "work" },
        ],
      },
      route: { "ROM focus": "hub", "*": "parent" },
    },
    editor: {
      binary: "test/publisher",
      config: { label: "state", text: copied },
      route: { Report: "clipboard", "*": "parent" },
    },
    reader: { binary: "test/reader", route: { "ROM state": "clipboard", "*": "parent" } },
  },
});

test("in a system, the report of the focus decides", { timeout: 60_000 }, async (context) => {
  const running = context.use(TestSystem.start(system("nobody", "early")));
  await running.untilLogged("editor", /refused early: .*"work" has not the focus/);
  await running.apply(system("editor", "early"));
  await running.untilLogged("gui", 'published {"label":"editor"}');
  // The report is at the hub; when the clipboard has seen it is not to be seen from here.
  for (let count = 1; ; ++count) {
    await running.apply(system("editor", `text ${count}`));
    const answer = await running.untilLogged("editor", new RegExp(`^(published|refused) text ${count}`));
    if (answer.startsWith("published")) break;
  }
  assert.match(await running.untilLogged("reader", /^text/), /^text \d/);
  assert.not(running.lines("reader").includes("early"));
});

test.run();
