// exclusive
// timeout: 900s
/** The RTC driver on the clock of a PC. The kernel's own view of it, and hwclock, are the witnesses. */
import * as assert from "uvu/assert";
import { type Context, suite } from "../support/suite.js";
import { type GuestSystem, guestSystem, kill, machineOf, patience } from "./guest.js";

const limits = { timeout: 400_000 };

/** What a system needs: the driver, and a component that does these steps. */
function clock(
  steps: readonly (readonly (string | number)[])[],
  grants: object = hardware,
  driver: object = {},
): object {
  return {
    rtc: {
      binary: "drivers/rtc",
      provides: ["Rtc"],
      grants,
      config: { policies: [{ label: "keeper", writeable: true }, { label: "reader" }], ...driver },
    },
    keeper: { binary: "test/clock-operator", config: { steps } },
  };
}

const hardware = { clock: { device: "/dev/rtc0", write: true } };

async function said<Value>(system: GuestSystem, word: string): Promise<Value> {
  const line = await system.said(`${word}: `);
  return JSON.parse(line.slice(line.indexOf(`${word}: `) + word.length + 2)) as Value;
}

const test = suite("the clock of a machine");
const machine = machineOf(test, { bench: { machine: { clock: "2026-02-28T23:59:50Z", spare: 0 } } });

/** Seconds, as the kernel's own file says, which needs no exclusive access. */
async function kernelTime(context: Context): Promise<number> {
  return Number(await machine(context).output(["cat", "/sys/class/rtc/rtc0/since_epoch"]));
}

async function hwclock(context: Context): Promise<number> {
  const text = await machine(context).output(["hwclock", "--utc", "--get"], { within: patience });
  return Math.floor(Date.parse(text.trim().replace(" ", "T")) / 1000);
}

/** The alarm that the kernel has for the clock, in seconds since 1970. */
async function kernelAlarm(context: Context): Promise<number> {
  return Number(await machine(context).output(["sh", "-c", "cat /sys/class/rtc/rtc*/wakealarm"]));
}

/** The driver arms the clock some time after its client has asked. */
async function armedFor(context: Context, seconds: number): Promise<void> {
  const end = performance.now() + 60_000;
  for (;;) {
    const alarm = await kernelAlarm(context);
    if (alarm === seconds) return;
    if (performance.now() > end) assert.is(alarm, seconds);
  }
}

async function ended(system: GuestSystem): Promise<void> {
  system.process.kill("SIGTERM");
  await system.process.ended({ within: patience });
}

test("what is read is what hwclock reads, and it reads what was set where the policy lets", limits, async (context) => {
  const before = await hwclock(context);
  const set = "2031-05-06T07:08:09.000Z";
  const threeDays = 3 * 86_400;
  const steps = [["facts"], ["time"], ["battery"], ["set", set], ["alarm", threeDays]];
  const reader = { binary: "test/clock-operator", config: { steps: [["set", "1999-01-01T00:00:00Z"]] } };
  const system = guestSystem(context, machine(context), { ...clock(steps), reader });

  const facts = await said<Readonly<Record<string, unknown>>>(system, "facts");
  assert.equal([facts["source"], facts["hardware"], facts["alarm"]], ["/dev/rtc0", true, true]);
  const shown = Date.parse(await said<string>(system, "time")) / 1000;
  assert.ok(shown >= before && shown < before + 600, `${shown} after ${before}`);
  await said(system, "alarm");
  const kernel = await kernelTime(context);
  const wanted = Date.parse(set) / 1000;
  assert.ok(kernel >= wanted && kernel < wanted + 600, new Date(kernel * 1000).toISOString());
  // A clock that compares the time of day cannot have this alarm at once.
  const alarm = await kernelAlarm(context);
  assert.ok(alarm > kernel && alarm < kernel + 86_400, `${alarm} from ${kernel}`);

  const { output } = await machine(context).run(["sh", "-c", "hwclock --utc --get --verbose 2>&1"]);
  assert.match(output, /busy/, "the driver has the clock for itself");
  await ended(system);
  const read = await hwclock(context);
  assert.ok(read >= kernel && read < wanted + 1200, new Date(read * 1000).toISOString());
  assert.match(system.output(), /keeper\] battery failed: "Unsupported"/);
  assert.match(system.output(), /reader\] set failed: "Denied"/);
});

test("through a platform server it is read and set as well", limits, async (context) => {
  const guest = machine(context);
  const set = "2029-03-04T05:06:07.000Z";
  const { rtc, keeper } = clock([["facts"], ["set", set]], {}) as Readonly<Record<string, object>>;
  const platform = {
    provides: ["Platform", "ROM"],
    grants: { host: { devices: ["rtc"] } },
    config: { policies: [{ label: "rtc", devices: { clock: { class: "rtc" } } }] },
    route: { "*": "parent" },
  };
  const system = guestSystem(context, guest, {
    platform,
    rtc: { ...rtc, route: { Platform: "platform", "*": "parent" } },
    keeper,
  });
  assert.match((await said<{ source: string }>(system, "facts")).source, /^rtc\.pnp-/, "its stable name");
  assert.is(Math.floor(Date.parse(await said<string>(system, "set")) / 60_000), Math.floor(Date.parse(set) / 60_000));
  const kernel = await kernelTime(context);
  const wanted = Date.parse(set) / 1000;
  assert.ok(kernel >= wanted && kernel < wanted + 600, new Date(kernel * 1000).toISOString());
  await ended(system);
});

test("an alarm outlives the driver's death, and an absence of the clock", limits, async (context) => {
  const guest = machine(context);
  // When the clock of a PC returns, the kernel itself still holds its old number.
  const numbers = [0, 1].map((number) => ({ device: `/dev/rtc${number}`, write: true }));
  const system = guestSystem(context, guest, clock([["alarm", 40_000]], { clock: numbers }));
  const date = await said<string>(system, "alarm");
  const asked = Date.parse(date) / 1000;
  await armedFor(context, asked);

  await kill(guest, "rtc *");
  // Not its stand-in, although the host may have the clock a little longer than the driver.
  await system.said("rtc] /dev/rtc0: alarms");
  assert.match(await said<string>(system, "changed"), /T/);

  const device = (await guest.output(["sh", "-c", "cd /sys/bus/pnp/drivers/rtc_cmos; ls -d *:*"])).trim();
  const bind = (action: string): Promise<string> =>
    guest.output(["sh", "-c", `echo ${device} >/sys/bus/pnp/drivers/rtc_cmos/${action}`]);
  await bind("unbind");
  assert.is(await said<string>(system, "changed"), "Unavailable");
  await bind("bind");
  await system.said("rtc] /dev/rtc1 is there");
  assert.match(await said<string>(system, "changed"), /T/);
  await armedFor(context, asked);

  await system.apply(clock([["set", date]], { clock: numbers }));
  const due = await said<{ asked: string; shown: string }>(system, "due");
  assert.is(due.asked, date);
  assert.ok(Date.parse(due.shown) >= Date.parse(date), due.shown);
  await ended(system);
});

test("without a clock the system's stands in, and follows when that is set", limits, async (context) => {
  const system = guestSystem(context, machine(context), clock([["facts"]], {}));
  assert.is((await said<{ source: string }>(system, "facts")).source, "system clock");
  // Nobody waits for a time.
  await machine(context).setClock(new Date("2027-03-04T05:06:07Z"));
  assert.match(await said<string>(system, "changed"), /^2027-03-04T/);
  await system.apply(clock([["alarm", 86_400]], {}));
  const asked = Date.parse(await said<string>(system, "alarm"));
  await machine(context).setClock(new Date(asked + 5000));
  await said<string>(system, "changed");
  const due = await said<{ shown: string }>(system, "due");
  assert.ok(Date.parse(due.shown) >= asked + 5000, due.shown);
});

test.run();

const timing = suite("the clock of a machine that counts");
const counting = machineOf(timing, { bench: { machine: { timing: "counted", spare: 0 } } });

timing("alarms wake a component at their second, and updates come once a second", limits, async (context) => {
  const system = guestSystem(
    context,
    counting(context),
    clock([
      ["alarm", 30],
      ["alarm", 600],
      ["updates", 5],
    ]),
  );
  const fourSeconds = await said<number>(system, "updates");
  assert.ok(Math.abs(fourSeconds - 4000) < 200, `${fourSeconds} ms`);
  for (const seconds of [30, 600]) {
    const due = await said<{ asked: string; shown: string; elapsed: number }>(system, "due");
    const late = Date.parse(due.shown) - Date.parse(due.asked);
    assert.ok(late >= 0 && late <= 1000, `${late} ms late by the clock`);
    // The clock counts whole seconds: the first of them may have begun already.
    const missing = seconds * 1000 - due.elapsed;
    assert.ok(missing > -1000 && missing < 1500, `${due.elapsed} ms instead of ${seconds} s`);
  }
  const interrupts = await counting(context).output(["grep", "rtc0", "/proc/interrupts"]);
  // Each of the updates and alarms was an interrupt.
  assert.ok(Number(/:\s+([0-9]+)/.exec(interrupts)?.[1]) >= 7, interrupts);
});

timing.run();
