import fc from "fast-check";
import * as assert from "uvu/assert";
import type { SessionRequest } from "../../base/server.js";
import { Occurrence } from "../../lib/occurrence.js";
import { configSchema } from "../../servers/report-rom/config.js";
import { Reports } from "../../servers/report-rom/reports.js";
import { Report, ReportInterface, ReportSession, type ReportSink } from "../../sessions/report/index.js";
import { ROM, Rom, type RomConnection, RomSession } from "../../sessions/rom/index.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("report-rom");

async function system(context: Context) {
  const parent = context.use(new LocalParent());
  const config = configSchema.parse(
    { policies: [{ label: "reader -> seen", report: "writer -> state" }], largest: "64K" },
    [],
    [],
  );
  const sessions: SessionRequest<object>[] = [];
  const hub = parent.env("hub");
  let reports = new Reports(config);
  await hub.announce(ReportInterface, (request) => {
    sessions.push(request);
    return ReportSession.open(request, config.largest, () => reports.write(request.label));
  });
  await hub.announce(ROM, (request) => {
    sessions.push(request);
    return new RomSession(request, reports.readable(request.label));
  });
  /** The server as it is after its restart: no session, no report. */
  const restart = (): void => {
    reports = new Reports(config);
    for (const { session } of sessions.splice(0)) session.close();
  };
  return { writer: parent.env("writer"), reader: parent.env("reader"), restart };
}

async function until(rom: RomConnection, wanted: string): Promise<void> {
  const changed = new Occurrence();
  rom.onChange(() => changed.happened());
  for (;;) {
    const seen = changed.count;
    if ((await rom.text()) === wanted) return;
    await changed.after(seen, AbortSignal.timeout(5000));
    assert.ok(changed.count > seen, `no change came, and the ROM is not yet ${JSON.stringify(wanted)}`);
  }
}

test("a ROM is empty until the report is there, then follows it", async (context) => {
  const { writer, reader } = await system(context);
  const rom = context.use(await reader.connect(Rom, { label: "seen" }));
  assert.is(await rom.text(), "");
  assert.is(await rom.json(), undefined);
  const report = context.use(await writer.connect(Report, { label: "state" }));
  await report.publish({ count: 1 });
  await until(rom, '{"count":1}');
  await report.publish("shorter");
  await until(rom, "shorter");
  await report.publish(undefined);
  await until(rom, "");
});

test("an update before there is a handler is not missed", async (context) => {
  const { writer, reader } = await system(context);
  const rom = context.use(await reader.connect(Rom, { label: "seen" }));
  await rom.text();
  const report = context.use(await writer.connect(Report, { label: "state" }));
  await report.publish("early");
  await new Promise((resolve) => setTimeout(resolve, 20));
  await until(rom, "early");
});

test("content outlives its writer, who may come back", async (context) => {
  const { writer, reader } = await system(context);
  const rom = context.use(await reader.connect(Rom, { label: "seen" }));
  const first = await writer.connect(Report, { label: "state" });
  await first.publish("kept");
  await first.close();
  const late = context.use(await reader.connect(Rom, { label: "seen" }));
  assert.is(await late.text(), "kept");
  const second = context.use(await writer.connect(Report, { label: "state" }));
  assert.is(await late.text(), "kept");
  await second.publish("again");
  await until(rom, "again");
});

test("a label has one writer, and readers have a policy", async (context) => {
  const { writer, reader } = await system(context);
  context.use(await writer.connect(Report, { label: "state" }));
  assert.is(await code(writer.connect(Report, { label: "state" })), "Denied");
  assert.is(await code(reader.connect(Rom, { label: "other" })), "Denied");
  assert.is(await code(writer.connect(Rom, { label: "seen" })), "Denied");
});

test("a report grows beyond its buffer, up to the limit", async (context) => {
  const { writer, reader } = await system(context);
  const rom = context.use(await reader.connect(Rom, { label: "seen" }));
  const report = context.use(await writer.connect(Report, { label: "state", bufferSize: 64 }));
  for (const length of [10, 100, 5000, 60_000, 3]) {
    const text = "x".repeat(length);
    await report.publish(text);
    await until(rom, text);
  }
  assert.is(await code(report.publish("x".repeat(70_000))), "Denied");
  await report.publish("small again");
  await until(rom, "small again");
});

test("the writer pays: a session without room for the stored copy is refused", async (context) => {
  const { writer } = await system(context);
  const open = (ram: number) =>
    writer.parent.session("Report", "state", JSON.stringify({ bufferSize: 65_536 }), ram, ReportInterface.capQuota);
  assert.is(await code(open(ReportInterface.ramQuota + 65_536)), "InsufficientRam");
  assert.is(
    await code(writer.parent.session("Report", "state", JSON.stringify({ bufferSize: 0 }), 1 << 20, 10)),
    "Denied",
  );
});

test("reports that no policy names leave nothing behind", () => {
  const config = configSchema.parse({}, [], []);
  const reports = new Reports(config);
  const flood = (): ReportSink => reports.write("flood -> 1");
  const first = flood();
  first.submit(new Uint8Array(1000));
  assert.throws(flood, /another session writes it/);
  first.close();
  // What it wrote is seen by nobody who comes later.
  reports.configure(configSchema.parse({ policies: [{ label: "reader", report: "flood -> 1" }] }, [], []));
  assert.is(reports.readable("reader").content.length, 0);
  flood().close();
});

test("the last report is published again when the server restarts", async (context) => {
  const { writer, reader, restart } = await system(context);
  const rom = context.use(await reader.connect(Rom, { label: "seen" }));
  const report = context.use(await writer.connect(Report, { label: "state" }));
  await report.publish("before");
  await until(rom, "before");
  restart();
  await until(rom, "before");
  await report.publish("after");
  await until(rom, "after");
});

test("readers end with the last of any reports, and see them in order", { timeout: 20_000 }, async (context) => {
  const { writer, reader } = await system(context);
  const rom = context.use(await reader.connect(Rom, { label: "seen" }));
  const report = context.use(await writer.connect(Report, { label: "state", bufferSize: 16 }));
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ waits: fc.boolean(), padding: fc.integer({ min: 0, max: 200 }) }), {
        minLength: 1,
        maxLength: 20,
      }),
      async (steps) => {
        const seen: number[] = [];
        let reading = true;
        const unwatch = rom.onChange(
          () =>
            void rom.json().then((value) => {
              if (reading) seen.push((value as { number: number }).number);
            }),
        );
        let last = "";
        let publishing: Promise<void> = Promise.resolve();
        for (const { waits, padding } of steps) {
          last = JSON.stringify({ number: ++number, padding: " ".repeat(padding) });
          publishing = report.publish(last);
          if (waits) await publishing;
        }
        await publishing;
        await until(rom, last);
        reading = false;
        unwatch();
        assert.equal(
          seen,
          [...seen].sort((a, b) => a - b),
        );
      },
    ),
    { numRuns: 30 },
  );
});

test.run();
