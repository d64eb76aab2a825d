/** What a Platform connection makes of what it is handed. */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { SessionError } from "../../base/errors.js";
import { native } from "../../bindings/native.js";
import { RootGrants } from "../../root/grants.js";
import type { SystemModel } from "../../servers/init/config.js";
import { readSystemFile } from "../../servers/init/system-file.js";
import { Platform } from "../../sessions/platform/index.js";
import { cleanUp, scratchDirectory } from "../device/host.js";
import { TestPlatform } from "../drivers/platform.js";
import { openFiles } from "../faults/host.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { eventually } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("platform");
test.after(cleanUp);

test("a grant of another kind than asked for is refused, and closed", async (context) => {
  const open = (): number => native.createDataspace("a grant", 4096);
  const service = new TestPlatform({ disk: { kind: "file", path: "disk.img", open } }).service;
  const parent = context.use(new LocalParent([service]));
  const platform = context.use(await parent.env("driver").connect(Platform));
  const before = openFiles("self").length;
  try {
    await platform.acquire("disk", { kind: "listener" });
    assert.unreachable("a file is no listener");
  } catch (error) {
    assert.instance(error, SessionError);
    assert.is((error as SessionError).code, "InvalidArgument");
    assert.match(
      (error as SessionError).message,
      /"disk" \(disk\.img\): it is of kind "file", and "listener" is needed/,
    );
  }
  assert.is(openFiles("self").length, before, "nothing stays open");
  using grant = await platform.acquire("disk", { kind: "file" });
  assert.is(fstatSync(grant.descriptor).size, 4096);
});

test("a session that ends while it waits for a grant leaves nothing open", async (context) => {
  const { model } = readSystemFile(
    '{ "start": { "driver": { "binary": "drivers/block", "grants": { "memory": { "ram": "1M" } } } } }',
  );
  let deathsOver = (): void => {};
  const waiting = new Promise<void>((resolve) => (deathsOver = resolve));
  let asked = 0;
  const grants = new RootGrants({
    folder: "/",
    model: () => model as SystemModel,
    log: () => {},
    keepConsole: () => {},
    deathsOver: () => {
      ++asked;
      return waiting;
    },
  });
  context.defer(() => grants.close());
  const parent = context.use(new LocalParent([grants.service]));
  const memories = (): number => openFiles("self").filter((path) => path.includes("driver.memory")).length;
  const platform = await parent.env("driver").connect(Platform);
  const refused = code(platform.acquire("memory"));
  await eventually("the grant is asked for", () => (asked > 0 ? true : undefined));
  await platform.close();
  assert.is(await refused, "Disconnected");
  await eventually("its session has ended", () => (Object.keys(grants.held).length === 0 ? true : undefined));
  deathsOver();
  // What the next one gets shows that the first was dealt with.
  const next = context.use(await parent.env("driver").connect(Platform));
  using _grant = await next.acquire("memory");
  assert.is(memories(), 2, "the grant's two ends, and none of the ended session");
});

test("what a component has is told until its newest session gives it back, in whatever order older ones end", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "grants-"));
  context.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { model } = readSystemFile(
    '{ "start": { "driver": { "binary": "drivers/block", "grants": { "disk": { "file": "disk.img", "size": "4K" } } } } }',
  );
  const grants = new RootGrants({
    folder,
    model: () => model as SystemModel,
    log: () => {},
    deathsOver: async () => {},
    keepConsole: () => {},
  });
  context.defer(() => grants.close());
  const parent = context.use(new LocalParent([grants.service]));
  const older = await parent.env("driver").connect(Platform);
  const newer = context.use(await parent.env("driver").connect(Platform));
  // Each opening is the client's descriptor and the root's.
  const openings = (): number => openFiles("self").filter((path) => path === join(folder, "disk.img")).length;
  const told = { driver: { disk: join(folder, "disk.img") } };
  using first = await older.acquire("disk", { kind: "file" });
  assert.equal(grants.held, told);
  using second = await newer.acquire("disk", { kind: "file" });
  assert.is.not(first.descriptor, second.descriptor);
  assert.is(openings(), 4);
  await older.close();
  await eventually("the older session has ended", () => (openings() === 3 ? true : undefined));
  assert.equal(grants.held, told, "an older session's end takes nothing from a newer one");
  await newer.release("disk");
  await eventually("nothing is held", () => (Object.keys(grants.held).length === 0 ? true : undefined));
});

test("files below a directory are opened by the root, and nothing else by way of it", async (context) => {
  const folder = scratchDirectory("/var/tmp");
  mkdirSync(join(folder, "granted/inner"), { recursive: true });
  for (const name of ["outside", "granted/file", "granted/inner/file"]) writeFileSync(join(folder, name), name);
  symlinkSync("../outside", join(folder, "granted/link"));
  symlinkSync("inner", join(folder, "granted/inside-link"));
  const grants = {
    readable: [{ directory: "granted", write: false }],
    writeable: [{ directory: "granted", write: true }],
    file: [{ file: "outside", write: false }],
  };
  const model = { start: new Map([["driver", { grants }]]) } as unknown as SystemModel;
  const root = new RootGrants({
    folder,
    model: () => model,
    log: () => {},
    deathsOver: async () => {},
    keepConsole: () => {},
  });
  context.defer(() => root.close());
  const parent = context.use(new LocalParent([root.service]));
  const platform = context.use(await parent.env("driver").connect(Platform));
  assert.is(await code(platform.open("readable", "file")), "NotFound", "it was not acquired");
  for (const name of Object.keys(grants)) (await platform.acquire(name)).close();

  const before = openFiles("self").length;
  const contents = async (name: string, path: string): Promise<string> => {
    const descriptor = await platform.open(name, path);
    try {
      return readFileSync(descriptor, "utf8");
    } finally {
      closeSync(descriptor);
    }
  };
  assert.is(await contents("readable", "file"), "granted/file");
  assert.is(await contents("readable", "inner/../inner/file"), "granted/inner/file");
  for (const path of [
    "../outside",
    join(folder, "outside"),
    "link",
    "inside-link/file",
    "inner/../../outside",
    "none",
    "",
  ])
    assert.is(await code(platform.open("readable", path)), "Device", path);
  assert.is(await code(platform.open("readable", "file", { write: true })), "Device");
  assert.is(await code(platform.open("file", "file")), "NotFound");
  const writeable = await platform.open("writeable", "file", { write: true });
  writeSync(writeable, "written");
  closeSync(writeable);
  assert.match(readFileSync(join(folder, "granted/file"), "utf8"), /^written/);
  assert.is(openFiles("self").length, before, "nothing stays open");
});

test.run();
