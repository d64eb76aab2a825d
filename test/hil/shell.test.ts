// timeout: 120s
/** A board that is reached over ssh, which here is this machine: a server of the test's own on loopback. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { openLabFile } from "../../hil/benches/lab-file.js";
import { RunFolder } from "../../hil/run-folder.js";
import { Shell } from "../../hil/shell.js";
import { Target } from "../../hil/target.js";
import { type Context, suite } from "../support/suite.js";
import { lackingServer, type SshServer, startSshServer } from "./ssh-server.js";

const test = suite("shell");

async function server(context: Context): Promise<SshServer> {
  const lacking = lackingServer();
  if (lacking !== undefined) context.skip(lacking);
  return context.use(await startSshServer());
}

async function message(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
}

/** Connections over ssh that this process began and that are still there. */
function masters(folder: string): string {
  return spawnSync("pgrep", ["-f", `ssh .*${folder}`], { encoding: "utf8" }).stdout;
}

test("commands run, with their output, errors, input and exit codes", async (context) => {
  const { options, folder } = await server(context);
  {
    await using shell = await Shell.open(options);
    assert.is(await shell.run("echo $((6 * 7)) 'a  b'"), "42 a  b\n");
    assert.equal(await shell.try("echo out; echo err >&2; exit 3"), { code: 3, output: "out\n", errors: "err\n" });
    assert.is(await shell.run("wc -c", { input: new Uint8Array(100_000) }), "100000\n");
    assert.match(await message(shell.run("echo broken >&2; exit 7")), '" on ');
    assert.match(await message(shell.run("echo broken >&2; exit 7")), "ended with 7: broken");
    assert.match(await message(shell.run("sleep 1", { within: "200ms" })), "took longer than 200 ms");
    assert.is((await Promise.all([shell.run("echo 1"), shell.run("echo 2")])).join(""), "1\n2\n");
  }
  for (let waited = 0; masters(folder) !== "" && waited < 20; ++waited)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(masters(folder), "", "no connection is left");
});

test("a board that cannot be reached, or is not who it was, is refused in words", async (context) => {
  const { options, folder, kill } = await server(context);
  writeFileSync(
    join(folder, "strange"),
    readFileSync(options.knownHosts as string, "utf8").replace(/AAAA\S{20}/, (key) => `${key.slice(0, -4)}BBBB`),
  );
  assert.match(await message(Shell.open({ ...options, knownHosts: join(folder, "strange") })), "Cannot reach");
  assert.match(await message(Shell.open({ ...options, host: "-oProxyCommand=true" })), "is no host");
  await kill();
  assert.match(await message(Shell.open(options)), "Connection refused");
});

test("a line of the board is a line here, and its far end is on the board", async (context) => {
  const { options, folder } = await server(context);
  const path = join(folder, "lab.jsonc");
  const remote = join(folder, "echo.sh");
  writeFileSync(
    remote,
    'stty -echo 2>/dev/null; echo "board ready"; while read -r line; do echo "you said $line"; done\n',
  );
  writeFileSync(
    path,
    JSON.stringify({
      facts: { place: "loopback" },
      shell: { ...options, identity: "user", knownHosts: "known", facts: { serial: "L-1" } },
      uart: { remote: `sh ${remote}`, facts: { revision: "2" } },
    }),
  );
  await using bench = openLabFile(path);
  assert.is(bench.name, "lab");
  const files = new RunFolder(join(folder, "run"));
  {
    await using target = await Target.start(bench, ["uart", "shell"], { files });
    const { uart, shell } = target.parts;
    await uart.expect("board ready");
    await uart.send("hello\n");
    await uart.expect("you said hello");
    assert.is(await shell.run("echo here"), "here\n");
    assert.equal(target.properties, { "uart.revision": "2", "shell.serial": "L-1" });
  }
  assert.match(readFileSync(join(folder, "run/shell.log"), "utf8"), "$ echo here\nhere");
  assert.match(readFileSync(join(folder, "run/uart.log"), "utf8"), "board ready\nyou said hello");
  assert.match(readFileSync(join(folder, "run/trace.jsonl"), "utf8"), '"step":"echo here","code":0');
  assert.ok(existsSync(join(folder, "run/system.log")));
  rmSync(path);
});

test.run();
