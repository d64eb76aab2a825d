/** `bulkhead doctor` on Raspberry Pis, by trees of files as their models have them. No board was asked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { examineRaspberryPi } from "../../cli/raspberry-pi.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("doctor on a Raspberry Pi");

function tree(context: Context, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "bulkhead-pi-"));
  context.defer(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function model(name: string): Readonly<Record<string, string>> {
  return { "sys/firmware/devicetree/base/model": `${name}\0`, "etc/group": "dialout:x:20:\ngpio:x:997:\n" };
}

function outcomes(root: string, groups?: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(examineRaspberryPi(root, groups).map(({ name, outcome }) => [name, outcome]));
}

/** As Raspberry Pi OS comes: console on the line, no memory group, buses off. */
const asItComes = {
  "boot/firmware/config.txt": "# dtparam=i2c_arm=on\ndtparam=audio=on\n[cm4]\ndtparam=i2c_arm=on\n[all]\n",
  "proc/cmdline": "console=serial0,115200 console=tty1 root=PARTUUID=1 rootwait\n",
  "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io pids\n",
  "dev/gpiochip0": "",
};

test("as it comes, everything that is off is named, with its fix", (context) => {
  for (const name of [
    "Raspberry Pi 3 Model B Rev 1.2",
    "Raspberry Pi 4 Model B Rev 1.4",
    "Raspberry Pi 5 Model B Rev 1.0",
  ]) {
    const root = tree(context, { ...model(name), ...asItComes });
    assert.equal(outcomes(root, ["dialout"]), {
      board: "ok",
      "memory control group": "limited",
      "UART of the header": "limited",
      "console on the UART": "limited",
      "I2C of the header": "limited",
      "SPI of the header": "limited",
      "real-time clock": "limited",
      "groups of devices": "limited",
    });
    const five = name.includes("Pi 5");
    const fixes = new Map(examineRaspberryPi(root, ["dialout"]).map((one) => [one.name, one.fix ?? ""]));
    assert.match(fixes.get("UART of the header") as string, five ? /dtparam=uart0=on/ : /enable_uart=1/);
    assert.match(fixes.get("UART of the header") as string, /\/boot\/firmware\/config\.txt/);
    assert.match(fixes.get("groups of devices") as string, /usermod -aG gpio /);
    assert.match(fixes.get("real-time clock") as string, five ? /battery/ : /i2c-rtc/);
  }
});

test("set up, nothing is left to do; lines of other boards do not count", (context) => {
  const setUp = (config: string): Readonly<Record<string, string>> => ({
    "boot/firmware/config.txt": config,
    "proc/cmdline": "console=tty1 cgroup_enable=memory cgroup_memory=1\n",
    "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids\n",
    "dev/gpiochip0": "",
    "dev/i2c-1": "",
    "dev/spidev0.0": "",
    "dev/rtc0": "",
  });
  const four = tree(context, { ...model("Raspberry Pi 4 Model B"), ...setUp("[pi4]\nenable_uart=1\n") });
  assert.equal([...new Set(Object.values(outcomes(four)))], ["ok"]);
  const other = tree(context, { ...model("Raspberry Pi 4 Model B"), ...setUp("[pi3]\nenable_uart=1\n") });
  assert.is(outcomes(other)["UART of the header"], "limited");
});

test("a 32-bit board is refused, and another machine has none of these checks", (context) => {
  assert.is(outcomes(tree(context, { ...model("Raspberry Pi Zero W Rev 1.1"), ...asItComes }))["board"], "missing");
  assert.is(outcomes(tree(context, { ...model("Raspberry Pi Zero 2 W Rev 1.0"), ...asItComes }))["board"], "ok");
  assert.equal(examineRaspberryPi(tree(context, model("Radxa ROCK 5B"))), []);
  assert.equal(examineRaspberryPi(tree(context, {})), []);
});

test.run();
