// exclusive
// timeout: 180s
/**
 * The platform server on devices of this kernel: loop devices and network interfaces come and go. What sees them too are
 * losetup and /proc.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { openFiles } from "../faults/host.js";
import { type Context, suite } from "../support/suite.js";
import { type SystemDocument, TestSystem } from "../support/system.js";

const test = suite("platform server");

function needRoot(context: Context): void {
  if (process.getuid?.() !== 0) context.skip("needs root, to make loop devices");
  if (!existsSync("/dev/loop-control")) context.skip("needs the kernel's loop devices");
}

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8", timeout: 10_000 });
}

/** A loop device that is gone after the test. */
class Loop {
  readonly #image: string;
  #path: string | undefined;

  constructor(context: Context) {
    const folder = mkdtempSync(join(tmpdir(), "bulkhead-platform-"));
    this.#image = join(folder, "image");
    writeFileSync(this.#image, "");
    truncateSync(this.#image, 1 << 20);
    context.defer(() => {
      this.detach();
      rmSync(folder, { recursive: true });
    });
  }

  attach(): string {
    this.#path = run("losetup", "--find", "--show", this.#image).trim();
    return this.#path;
  }

  /** At the very same number. */
  attachAgain(path: string): void {
    run("losetup", path, this.#image);
    this.#path = path;
  }

  detach(): void {
    if (this.#path !== undefined) run("losetup", "--detach", this.#path);
    this.#path = undefined;
  }
}

const route = { "ROM devices": "platform", Platform: "platform", "*": "parent" };

function system(
  policies: readonly object[],
  users: Readonly<Record<string, object>>,
  { classes = true }: { readonly classes?: boolean | readonly string[] } = {},
): SystemDocument {
  return {
    parentProvides: ["ROM", "LOG", "Platform", "System"],
    start: {
      platform: {
        provides: ["Platform", "ROM"],
        ram: "8M",
        route: { "*": "parent" },
        grants: { host: { devices: classes } },
        config: { policies },
      },
      ...Object.fromEntries(
        Object.entries(users).map(([name, config]) => [name, { binary: "test/device-user", route, config }]),
      ),
    },
  };
}

interface Line {
  readonly sees?: readonly string[];
  readonly granted?: readonly string[];
  readonly name?: string;
  readonly kind?: string;
  readonly path?: string;
  readonly refused?: string;
  readonly why?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Waits until the newest line of this kind that a user printed meets the condition. */
async function until(
  running: TestSystem,
  user: string,
  what: string,
  kind: (line: Line) => boolean,
  condition: (line: Line) => boolean,
): Promise<Line> {
  const newest = (): Line | undefined =>
    running
      .lines(user)
      .flatMap((text): Line[] => (text.startsWith("{") ? [JSON.parse(text) as Line] : []))
      .filter(kind)
      .at(-1);
  const met = (): boolean => {
    const line = newest();
    return line !== undefined && condition(line);
  };
  await running.until(`${user} ${what}`, met);
  return newest() as Line;
}

const seen = (line: Line): boolean => line.sees !== undefined;
const about =
  (name: string) =>
  (line: Line): boolean =>
    line.name === name;

test("a device that comes is listed under its stable name, granted, and gone when it goes", async (context) => {
  needRoot(context);
  const loop = new Loop(context);
  const running = context.use(
    TestSystem.start(
      system(
        [
          { label: "viewer", sees: "all" },
          { label: "user", devices: { disk: { class: "block", path: "/devices/virtual/block/loop*" } } },
        ],
        { viewer: {}, user: { acquire: ["disk"] } },
      ),
    ),
  );
  const before = await until(running, "viewer", "sees devices", seen, () => true);
  assert.is((await until(running, "user", "asks", about("disk"), () => true)).refused, "Device");
  const path = loop.attach();
  const name = `block.${path.slice("/dev/".length)}`;
  const after = await until(running, "viewer", `sees ${name}`, seen, ({ sees }) => sees?.includes(name) === true);
  assert.equal(
    after.sees?.filter((one) => one !== name),
    before.sees,
  );
  const got = await until(running, "user", "gets it", about("disk"), ({ kind }) => kind !== undefined);
  assert.equal([got.kind, got.path, got.facts], ["block_device", path, { class: "block", device: name }]);
  assert.ok(openFiles(running.pid("user")).includes(path), "the descriptor is that of the device");
  assert.not.ok(openFiles(running.pid("platform")).includes(path), "and the platform server keeps none");
  // In use, the kernel lets it go with its last user.
  await running.init.restart("user");
  loop.detach();
  await until(running, "viewer", "sees it no more", seen, ({ sees }) => sees?.includes(name) === false);
});

test("a device has one user at a time, and the next one hears when it is free", async (context) => {
  needRoot(context);
  const path = new Loop(context).attach();
  const name = `block.${path.slice("/dev/".length)}`;
  const policies = [
    { label: "one", every: [{ device: name }] },
    { label: "other", every: [{ device: "block.loop*" }] },
  ];
  const first = { acquire: [name] };
  const running = context.use(TestSystem.start(system(policies, { one: first })));
  await until(running, "one", "gets it", about(name), ({ kind }) => kind !== undefined);
  await running.apply(system(policies, { one: first, other: { acquire: [name] } }));
  const refused = await until(running, "other", "is refused", about(name), () => true);
  assert.equal([refused.refused, refused.why?.includes('in use by "one"')], ["Unavailable", true]);
  process.kill(running.pid("one"), "SIGKILL");
  await until(running, "other", "gets it", about(name), ({ kind }) => kind !== undefined);
  assert.ok(openFiles(running.pid("other")).includes(path));
});

test("who may no longer have what it holds is killed, and holds it no more", async (context) => {
  needRoot(context);
  const loop = new Loop(context);
  const path = loop.attach();
  const policy = { label: "user", devices: { disk: { class: "block", name: path.slice("/dev/".length) } } };
  const users = { user: { acquire: ["disk"] }, bystander: {} };
  const others = { label: "bystander", sees: "all" };
  const running = context.use(TestSystem.start(system([policy, others], users)));
  await until(running, "user", "gets it", about("disk"), ({ kind }) => kind !== undefined);
  const [id, pid, bystander] = [running.id("user"), running.pid("user"), running.id("bystander")];
  assert.ok(openFiles(pid).includes(path));
  await running.apply(system([others], users));
  await running.until(
    "the holder is gone",
    ({ children }) => children["user"]?.id !== id && openFiles(pid).length === 0,
  );
  assert.is(running.id("bystander"), bystander);
  // Only a device that nobody has open is detached at once.
  loop.detach();
  assert.not.ok(run("losetup", "--list", "--noheadings", "--output", "NAME").split("\n").includes(path));
});

/** A network interface that is gone after the test, with its other end. */
function veth(context: Context, name: string): void {
  run("ip", "link", "add", name, "type", "veth", "peer", "name", `${name}p`);
  context.defer(() => {
    if (existsSync(`/sys/class/net/${name}`)) run("ip", "link", "delete", name);
  });
}

test("what is not granted to the server, it cannot have: another class, a name that leads elsewhere", async (context) => {
  needRoot(context);
  const path = new Loop(context).attach();
  const name = path.slice("/dev/".length);
  // Asks the root itself, as a platform server that was taken over would.
  const asking = {
    start: {
      user: {
        binary: "test/device-user",
        route: { "ROM devices": "platform", "*": "parent" },
        grants: { host: { devices: ["rtc"] } },
        config: {
          acquire: [
            `host/dev/${name}`,
            "host/dev/../etc/passwd",
            "host/dev/null",
            "host/net/lo",
            "host/etc/passwd",
            "no/dev/null",
          ],
        },
      },
    },
  };
  const base = system([{ label: "user", sees: "all" }], {});
  const running = context.use(TestSystem.start({ ...base, start: { ...(base["start"] as object), ...asking.start } }));
  const refusal = async (asked: string): Promise<string | undefined> =>
    (await until(running, "user", `asks for ${asked}`, about(asked), () => true)).refused;
  assert.is(await refusal(`host/dev/${name}`), "Device");
  assert.is(await refusal("host/dev/../etc/passwd"), "Device");
  assert.is(await refusal("host/dev/null"), "Device");
  assert.is(await refusal("host/net/lo"), "Device");
  assert.is(await refusal("host/etc/passwd"), "Device");
  assert.is(await refusal("no/dev/null"), "NotFound");
  assert.not.ok(openFiles(running.pid("user")).includes(path));
});

test("a network interface is found by its place, and handed out as a packet socket", async (context) => {
  needRoot(context);
  const name = `bh-p${process.pid % 100_000}`;
  veth(context, name);
  const running = context.use(
    TestSystem.start(
      system([{ label: "user", devices: { port: { class: "net", device: `net.${name}` } } }], {
        user: { acquire: ["port"] },
      }),
    ),
  );
  const got = await until(running, "user", "gets it", about("port"), ({ kind }) => kind !== undefined);
  assert.is(got.kind, "packet_socket");
  assert.is(got.facts?.["macAddress"], readFileSync(`/sys/class/net/${name}/address`, "utf8").trim());
});

test("a device that is replaced at once, at the same place, is nobody's until somebody asks", async (context) => {
  needRoot(context);
  const name = `bh-r${process.pid % 100_000}`;
  const address = "02:00:00:00:bb:01";
  const add = `link add ${name} address ${address} type veth peer name ${name}x`;
  run("ip", ...add.split(" "));
  context.defer(() => run("ip", "link", "delete", name));
  const policies = [{ labelPrefix: "", devices: { port: { class: "net", device: `net.${name}` } } }];
  const first = { acquire: ["port"] };
  const running = context.use(TestSystem.start(system(policies, { one: first })));
  await until(running, "one", "gets it", about("port"), ({ kind }) => kind !== undefined);
  await running.apply(system(policies, { one: first, other: { acquire: ["port"] } }));
  await until(running, "other", "is refused", about("port"), ({ refused }) => refused === "Unavailable");
  execFileSync("ip", ["-batch", "-"], { input: `link delete ${name}\n${add}\n` });
  // Whoever had the old one may be as fast, where the replacement took so long that it saw it missing.
  const times = (user: string): number => running.lines(user).filter((text) => text.includes('"kind"')).length;
  await running.until("somebody has the new one", () => times("other") > 0 || times("one") > 1);
});

test("ten thousand announcements at once: nothing that came meanwhile is missed", {
  timeout: 60_000,
}, async (context) => {
  needRoot(context);
  const loop = new Loop(context);
  const running = context.use(TestSystem.start(system([{ label: "viewer", sees: "all" }], { viewer: {} })));
  await until(running, "viewer", "sees devices", seen, () => true);
  let name = "";
  for (let count = 0; count < 10_000; ++count) {
    if (count === 5000) name = `block.${loop.attach().slice("/dev/".length)}`;
    writeFileSync("/sys/class/net/lo/uevent", "change");
  }
  await until(running, "viewer", `sees ${name}`, seen, ({ sees }) => sees?.includes(name) === true);
  loop.detach();
  await until(running, "viewer", "sees it no more", seen, ({ sees }) => sees?.includes(name) === false);
  assert.is(running.child("platform").restarts, undefined);
});

test("a device that comes and goes 200 times leaves nothing behind", { timeout: 120_000 }, async (context) => {
  needRoot(context);
  const name = `bh-g${process.pid % 100_000}`;
  const running = context.use(
    TestSystem.start(
      system([{ label: "user", devices: { port: { device: `net.${name}` } } }], { user: { acquire: ["port"] } }),
    ),
  );
  await until(running, "user", "asks", about("port"), () => true);
  veth(context, name);
  await until(running, "user", "gets it", about("port"), ({ kind }) => kind !== undefined);
  const open = (): number[] => ["platform", "user"].map((one) => openFiles(running.pid(one)).length);
  const before = open();
  for (let count = 0; count < 200; ++count) {
    run("ip", "link", "delete", name);
    if (count % 3 === 0) await delay(15);
    veth(context, name);
    if (count % 5 === 0) await delay(15);
  }
  const index = readFileSync(`/sys/class/net/${name}/address`, "utf8").trim();
  await until(running, "user", "has the last one", about("port"), ({ facts }) => facts?.["macAddress"] === index);
  await running.until("no descriptor more than before", () =>
    open().every((count, place) => count <= (before[place] as number)),
  );
  assert.equal([running.child("platform").restarts, running.child("user").restarts], [undefined, undefined]);
});

test.run();
