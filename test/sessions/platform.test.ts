/** What a Platform connection makes of what it is handed. */
import { fstatSync } from "node:fs";
import * as assert from "uvu/assert";
import { SessionError } from "../../base/errors.js";
import { native } from "../../bindings/native.js";
import { Platform } from "../../sessions/platform/index.js";
import { TestPlatform } from "../drivers/platform.js";
import { openFiles } from "../faults/host.js";
import { LocalParent } from "../support/local-parent.js";
import { suite } from "../support/suite.js";

const test = suite("platform");

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

test.run();
