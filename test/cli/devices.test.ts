/** `bulkhead devices` beside what lsblk, ip and /proc say. */
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { bulkhead } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("bulkhead devices");

interface Listed {
  readonly device: string;
  readonly class: string;
  readonly name: string;
  readonly node?: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly access: { readonly allowed: boolean; readonly by: string };
  readonly users: readonly { readonly kind: string; readonly pid?: number; readonly name: string }[];
  readonly fix?: string;
}

async function list(...args: readonly string[]): Promise<readonly Listed[]> {
  // Of no system: only what the machine itself says.
  const { code, output, errors } = await bulkhead(["devices", ...args, "--json", "--socket=/nowhere"]);
  assert.is(code, 0, errors);
  return (JSON.parse(output) as { devices: Listed[] }).devices;
}

function witness(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8", timeout: 10_000 });
}

test("it lists the disks that lsblk lists, with their sizes", async (context) => {
  if (!existsSync("/bin/lsblk")) context.skip("needs lsblk (Debian: util-linux)");
  const { blockdevices } = JSON.parse(
    witness("lsblk", "--json", "--bytes", "--list", "--output", "NAME,SIZE,RM,RO"),
  ) as { blockdevices: { name: string; size: number; rm: boolean; ro: boolean }[] };
  const found = new Map((await list("block")).map((one) => [one.name, one]));
  const expected = blockdevices.filter(({ name }) => !/^(loop|zram|ram)/.test(name));
  for (const { name, size, rm, ro } of expected)
    assert.equal(
      [
        found.get(name)?.properties["size"],
        found.get(name)?.properties["removable"],
        found.get(name)?.properties["readOnly"],
      ],
      [size, rm, ro],
      name,
    );
});

test("it lists the network interfaces that ip lists, with their addresses", async (context) => {
  if (!existsSync("/sbin/ip")) context.skip("needs ip (Debian: iproute2)");
  const links = JSON.parse(witness("/sbin/ip", "-json", "link")) as { ifname: string; address: string }[];
  assert.equal(
    (await list("net")).map(({ name, properties }) => [name, properties["macAddress"]]).sort(),
    links.map(({ ifname, address }) => [ifname, address]).sort(),
  );
});

test("who holds a device is named; who may not open it is told what to do", async (context) => {
  if (process.getuid?.() !== 0) context.skip("needs root, to make a loop device");
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-devices-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const image = join(folder, "image");
  writeFileSync(image, "");
  truncateSync(image, 1 << 20);
  const path = witness("losetup", "--find", "--show", image).trim();
  context.defer(() => witness("losetup", "--detach", path));
  const [free] = await list(path);
  assert.equal([free?.properties["size"], free?.access, free?.users], [1 << 20, { allowed: true, by: "root" }, []]);
  const descriptor = openSync(path, "r");
  try {
    const [held] = await list(`block.${path.slice("/dev/".length)}`);
    assert.ok(held?.users.some(({ kind, pid }) => kind === "process" && pid === process.pid));
    assert.ok(held?.fix?.includes(String(process.pid)));
    const { code, output } = await bulkhead(["doctor", path, "--json", "--socket=/nowhere"]);
    assert.is(code, 5);
    assert.is((JSON.parse(output) as { healthy: boolean }).healthy, false);
  } finally {
    closeSync(descriptor);
  }
});

test("what is not there is said so", async () => {
  for (const [command, code] of [
    ["devices", 1],
    ["doctor", 5],
  ] as const) {
    const finished = await bulkhead([command, "/dev/no-such-thing", "--socket=/nowhere"]);
    assert.is(finished.code, code);
    assert.match(finished.errors, /No device is "\/dev\/no-such-thing"/);
  }
});

test.run();
