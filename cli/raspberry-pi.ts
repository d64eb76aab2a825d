/**
 * The checks of `bulkhead doctor` on a Raspberry Pi: what its firmware's configuration, its kernel's command line and the
 * user's groups leave to be desired. Facts: the device tree's `model`, /boot/firmware (/boot before Debian 12).
 */
import { existsSync, readdirSync as readDirectory, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./examination.js";

/** Groups to which Raspberry Pi OS gives its devices. */
const deviceGroups = ["dialout", "gpio", "i2c", "spi", "video", "render", "input", "audio"] as const;

interface Board {
  readonly root: string;
  readonly model: string;
  /** 1 to 5; 0 for a Zero or what is not known. */
  readonly generation: number;
  /** Lines of config.txt in force for every board, without comments. */
  readonly config: readonly string[];
  readonly configPath: string | undefined;
  readonly commandLine: string;
  readonly groups: readonly string[];
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Lines that hold on this board: those under `[all]`, under its own filter, and before any. */
function linesInForce(text: string, generation: number): string[] {
  let holds = true;
  return text.split("\n").flatMap((raw) => {
    const line = raw.replace(/#.*$/, "").trim();
    const filter = /^\[(.+)\]$/.exec(line)?.[1];
    if (filter !== undefined) {
      holds = filter === "all" || filter === `pi${generation}`;
      return [];
    }
    return holds && line !== "" ? [line] : [];
  });
}

function board(root: string, groups: readonly string[]): Board | undefined {
  const model = textOf(join(root, "sys/firmware/devicetree/base/model"))?.replace(/\0/g, "").trim();
  if (model === undefined || !model.startsWith("Raspberry Pi")) return undefined;
  const generation = Number(/(?:Pi|Module) ([1-5])/.exec(model)?.[1] ?? 0);
  const configPath = ["boot/firmware/config.txt", "boot/config.txt"]
    .map((path) => join(root, path))
    .find((path) => existsSync(path));
  return {
    root,
    model,
    generation,
    configPath,
    config: configPath === undefined ? [] : linesInForce(textOf(configPath) ?? "", generation),
    commandLine: textOf(join(root, "proc/cmdline"))?.trim() ?? "",
    groups,
  };
}

function has({ root }: Board, path: string): boolean {
  return existsSync(join(root, path));
}

function check(name: string, good: boolean, facts: string, fix: string): Check {
  return { name, outcome: good ? "ok" : "limited", facts, needed: false, ...(!good && { fix }) };
}

/** Where settings of the firmware go, in words. */
function inConfig({ configPath, root }: Board, line: string): string {
  const path =
    configPath === undefined ? "/boot/firmware/config.txt" : `/${configPath.slice(root.length).replace(/^\/+/, "")}`;
  return `add \`${line}\` to ${path}, and reboot`;
}

function modelCheck({ model, generation }: Board): Check {
  const tooOld = generation === 1 || /Zero(?! 2)/.test(model);
  return {
    name: "board",
    outcome: tooOld ? "missing" : "ok",
    facts: tooOld ? `${model}: its processor is 32-bit` : model,
    needed: tooOld,
    ...(tooOld && { fix: "use a Raspberry Pi 3 or later, or a Zero 2, with the 64-bit Raspberry Pi OS" }),
  };
}

function memoryCheck(board: Board): Check {
  const controllers = textOf(join(board.root, "sys/fs/cgroup/cgroup.controllers")) ?? "";
  return check(
    "memory control group",
    /\bmemory\b/.test(controllers),
    /\bmemory\b/.test(controllers) ? "on" : "off, as the firmware starts the kernel: components have no memory limits",
    "add `cgroup_enable=memory cgroup_memory=1` to the one line of /boot/firmware/cmdline.txt, and reboot",
  );
}

/** The serial line at the pins 8 and 10 of the header. */
function uartChecks(board: Board): Check[] {
  const { generation, config, commandLine } = board;
  const wanted = generation === 5 ? "dtparam=uart0=on" : "enable_uart=1";
  const on = config.includes(wanted) || (generation === 5 && config.includes("dtparam=uart0"));
  const console = /\bconsole=((?:serial|ttyS|ttyAMA)[0-9]+)/.exec(commandLine)?.[1];
  return [
    check("UART of the header", on, on ? "on" : `off: ${wanted} is not in force`, inConfig(board, wanted)),
    check(
      "console on the UART",
      console === undefined,
      console === undefined ? "none: the line is free" : `the kernel's console is ${console}`,
      "`sudo raspi-config nonint do_serial_cons 1`, and reboot: it frees the line of the console and of its login",
    ),
  ];
}

function busChecks(board: Board): Check[] {
  const nodes = has(board, "dev") ? readDirectory(join(board.root, "dev")) : [];
  const one = (name: string, pattern: RegExp, parameter: string): Check => {
    const found = nodes.filter((node) => pattern.test(node)).sort();
    return check(
      name,
      found.length > 0,
      found.length > 0 ? found.map((node) => `/dev/${node}`).join(", ") : "off",
      inConfig(board, parameter),
    );
  };
  return [
    one("I2C of the header", /^i2c-1$/, "dtparam=i2c_arm=on"),
    one("SPI of the header", /^spidev0\./, "dtparam=spi=on"),
  ];
}

function clockCheck(board: Board): Check {
  const found = has(board, "dev/rtc0");
  return check(
    "real-time clock",
    found,
    found ? "/dev/rtc0" : "none: time comes from the network, and the RTC driver takes the system's clock",
    board.generation === 5
      ? "a Raspberry Pi 5 has one: is its kernel complete? A battery at J5 keeps it running"
      : inConfig(board, "dtoverlay=i2c-rtc,ds3231"),
  );
}

function groupCheck({ groups }: Board, existing: readonly string[]): Check[] {
  const lacking = deviceGroups.filter((group) => existing.includes(group) && !groups.includes(group));
  return [
    check(
      "groups of devices",
      lacking.length === 0,
      lacking.length === 0 ? "you belong to all" : `you do not belong to ${lacking.join(", ")}`,
      `\`sudo usermod -aG ${lacking.join(",")} $USER\`, then log in again`,
    ),
  ];
}

/**
 * Checks of a Raspberry Pi; none on any other machine. `root` is where its file system is, `groups` are the user's;
 * undefined for root, who needs none.
 */
export function examineRaspberryPi(root = "/", groups?: readonly string[]): Check[] {
  const found = board(root, groups ?? []);
  if (found === undefined) return [];
  const existing = (textOf(join(root, "etc/group")) ?? "").split("\n").map((line) => line.split(":")[0] ?? "");
  return [
    modelCheck(found),
    memoryCheck(found),
    ...uartChecks(found),
    ...busChecks(found),
    clockCheck(found),
    ...(groups === undefined ? [] : groupCheck(found, existing)),
  ];
}
