// timeout: 120s
/** `bulkhead install --system` into the folder of an image, where systemd's own programs check what it made. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { bundledProgram, packageRoot } from "../../bindings/prebuilt.js";
import { bulkhead, type Finished } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("bulkhead install");
const limits = { timeout: 60_000 };
const unit = "etc/systemd/system/bulkhead.service";
const system = "etc/bulkhead/bulkhead.jsonc";

function hasProgram(name: string): boolean {
  return ["/usr/bin", "/bin"].some((folder) => existsSync(join(folder, name)));
}

/** The folder of an image, with the users and groups of this machine. */
function image(context: Context): string {
  if (!hasProgram("systemctl") || !hasProgram("systemd-sysusers")) context.skip("needs systemd's programs");
  const root = mkdtempSync(join(tmpdir(), "bulkhead-image-"));
  context.defer(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "etc"));
  for (const name of ["passwd", "group"]) {
    copyFileSync(join("/etc", name), join(root, "etc", name));
    chmodSync(join(root, "etc", name), 0o644);
  }
  return root;
}

/** Every file below the folder, with its content. */
function contents(root: string): Readonly<Record<string, string>> {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => !name.endsWith("-"));
  return Object.fromEntries(
    files
      .filter((name) => statSync(join(root, name), { throwIfNoEntry: false })?.isFile() === true)
      .map((name) => [name, readFileSync(join(root, name), "utf8")]),
  );
}

function run(command: "install" | "uninstall", root: string, ...more: readonly string[]): Promise<Finished> {
  return bulkhead([command, "--system", "--root", root, ...more]);
}

async function succeeds(finished: Promise<Finished>): Promise<string> {
  const { code, output, errors } = await finished;
  assert.is(code, 0, errors);
  return output;
}

test(
  "an image gets the unit, the rules, the user and the default system, and the unit is enabled",
  limits,
  async (context) => {
    const root = image(context);
    await succeeds(run("install", root));
    for (const name of [unit, system, "etc/udev/rules.d/55-bulkhead.rules", "etc/sysusers.d/bulkhead.conf"]) {
      const { mode, uid } = statSync(join(root, name));
      assert.is(mode & 0o777, 0o644, name);
      assert.is(uid, process.getuid?.(), name);
    }
    const enabled = join(root, "etc/systemd/system/multi-user.target.wants/bulkhead.service");
    assert.is(readlinkSync(enabled), `/${unit}`);
    assert.match(
      readFileSync(join(root, "etc/passwd"), "utf8"),
      /^bulkhead:.*:\/var\/lib\/bulkhead:\/usr\/sbin\/nologin$/m,
    );
    assert.match(readFileSync(join(root, "etc/group"), "utf8"), /^dialout:.*\bbulkhead$/m);
    const checked = await bulkhead(["config", "check", join(root, system)]);
    assert.is(checked.code, 0, checked.errors);
    assert.match(readFileSync(join(root, unit), "utf8"), `${process.execPath} ${bundledProgram("bulkhead")} up`);
  },
);

test("systemd understands every line of the unit", limits, async (context) => {
  const root = image(context);
  if (!hasProgram("systemd-analyze")) context.skip("needs systemd-analyze");
  await succeeds(run("install", root));
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", join(root, unit)], {
    encoding: "utf8",
  });
  // Units of this machine that are named in it may be broken here.
  assert.not.match(stdout + stderr, /bulkhead\.service:\d+/);
  assert.is(status, 0, stderr);
});

test("the unit is as little exposed as the documentation says", limits, async (context) => {
  const root = image(context);
  if (!hasProgram("systemd-analyze")) context.skip("needs systemd-analyze");
  await succeeds(run("install", root));
  // In tenths, which is what the option counts.
  const { status, stdout, stderr } = spawnSync(
    "systemd-analyze",
    ["security", "--offline=true", "--threshold=35", "--no-pager", join(root, unit)],
    { encoding: "utf8" },
  );
  if (/unrecognized option|Unknown operation/.test(stderr)) context.skip("needs systemd 250");
  assert.is(status, 0, stdout.trim().split("\n").at(-1));
  const figure = /exposure level for [^:]*: ([0-9.]+)/.exec(stdout)?.[1];
  assert.match(readFileSync(join(packageRoot(), "docs/install.md"), "utf8"), `**${figure} OK**`);
});

test("a dry run names every step and does none", limits, async (context) => {
  const root = image(context);
  const before = contents(root);
  const text = await succeeds(run("install", root, "--dry-run"));
  assert.equal(contents(root), before);
  const { steps } = JSON.parse(await succeeds(run("install", root, "--json"))) as {
    steps: { step: string; path?: string; command?: string[] }[];
  };
  for (const { step, path, command = [] } of steps)
    assert.match(text, new RegExp(`^${step} +${path ?? command.join(" ")}`, "m"));
  const written = Object.keys(contents(root)).filter((name) => !(name in before) && !name.startsWith("etc/."));
  const named = steps.flatMap(({ step, path }) => (step === "write" ? [String(path).slice(1)] : []));
  assert.equal(written.filter((name) => !name.includes(".wants/") && !/shadow$/.test(name)).sort(), named.sort());
});

test("installing again changes nothing, and keeps a system file that was edited", limits, async (context) => {
  const root = image(context);
  await succeeds(run("install", root));
  const first = contents(root);
  assert.not.match(await succeeds(run("install", root)), /^(write|replace|remove) /m);
  assert.equal(contents(root), first);
  appendFileSync(join(root, system), "// mine\n");
  writeFileSync(join(root, unit), "[Service]\n");
  const text = await succeeds(run("install", root));
  assert.match(text, /^keep +\/etc\/bulkhead\/bulkhead\.jsonc \(it was edited\)$/m);
  assert.match(text, /^replace +\/etc\/systemd\/system\/bulkhead\.service$/m);
  assert.equal(contents(root), { ...first, [system]: `${first[system]}// mine\n` });
});

test("a system file that nobody edited follows the package", limits, async (context) => {
  const root = image(context);
  await succeeds(run("install", root));
  const newest = readFileSync(join(root, system), "utf8");
  // As an older package would have left it: its text, and the record of that text.
  const older = newest.replace("neighbour", "neighbor");
  const record = join(root, "etc/bulkhead/installed.json");
  writeFileSync(join(root, system), older);
  const sum = spawnSync("sha256sum", [join(root, system)], { encoding: "utf8" }).stdout.split(" ")[0];
  writeFileSync(record, readFileSync(record, "utf8").replace(/[0-9a-f]{64}/, String(sum)));
  assert.match(await succeeds(run("install", root)), /^replace +\/etc\/bulkhead\/bulkhead\.jsonc$/m);
  assert.is(readFileSync(join(root, system), "utf8"), newest);
});

test("uninstalling leaves the user, and nothing else", limits, async (context) => {
  const root = image(context);
  const before = contents(root);
  await succeeds(run("install", root));
  await succeeds(run("uninstall", root));
  const left = Object.keys(contents(root)).filter((name) => !(name in before) && !/^etc\/(\.|g?shadow)/.test(name));
  assert.equal(left, []);
  assert.not(existsSync(join(root, "etc/bulkhead")));
  assert.match(await succeeds(run("uninstall", root)), "Nothing is installed");
});

test("uninstalling leaves an edited system file", limits, async (context) => {
  const root = image(context);
  await succeeds(run("install", root));
  appendFileSync(join(root, system), "// mine\n");
  assert.match(await succeeds(run("uninstall", root)), /^keep +\/etc\/bulkhead\/bulkhead\.jsonc/m);
  assert.equal(readdirSync(join(root, "etc/bulkhead")), ["bulkhead.jsonc"]);
  assert.not(existsSync(join(root, unit)));
});

test("a system file of one's own stays where it is, unless the service could not read it", limits, async (context) => {
  const root = image(context);
  const file = join(root, "opt/lab 1/bulkhead.jsonc");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '{ "parentProvides": ["ROM"], "start": {} }');
  for (const folder of [root, join(root, "opt"), dirname(file)]) chmodSync(folder, 0o755);
  chmodSync(file, 0o644);
  await succeeds(run("install", root, "--file", "/opt/lab 1/bulkhead.jsonc"));
  assert.match(readFileSync(join(root, unit), "utf8"), '--socket-group "/opt/lab 1/bulkhead.jsonc"');
  assert.not(existsSync(join(root, "etc/bulkhead")));
  chmodSync(dirname(file), 0o750);
  const { code, errors } = await run("install", root, "--file", "/opt/lab 1/bulkhead.jsonc");
  assert.is(code, 5);
  assert.match(errors, '"/opt/lab 1" is closed to others');
  writeFileSync(join(root, "etc/lab.jsonc"), '{ "start": {} }');
  mkdirSync(join(root, "tmp"));
  copyFileSync(join(root, "etc/lab.jsonc"), join(root, "tmp/lab.jsonc"));
  const temporary = await run("install", root, "--file", "/tmp/lab.jsonc");
  assert.is(temporary.code, 5);
  assert.match(temporary.errors, "temporary folders of its own");
});

test("mistakes are told, and write nothing", limits, async (context) => {
  const root = image(context);
  const before = contents(root);
  const bare = await bulkhead(["install", "--root", root]);
  assert.is(bare.code, 2);
  assert.match(bare.errors, "--system");
  const missing = await bulkhead(["install", "--system", "--root", join(root, "nowhere")]);
  assert.is(missing.code, 2);
  const file = await run("install", root, "--file", "/opt/none.jsonc");
  assert.is(file.code, 3);
  writeFileSync(join(root, "etc/bad.jsonc"), '{ "strat": {} }');
  const broken = await run("install", root, "--file", "/etc/bad.jsonc");
  assert.is(broken.code, 3);
  assert.match(broken.errors, 'did you mean "start"');
  assert.equal({ ...contents(root), "etc/bad.jsonc": undefined }, { ...before, "etc/bad.jsonc": undefined });
});

test.run();
