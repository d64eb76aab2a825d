/** `bulkhead doctor`: what this machine gives, what it does not, and the fix. */
import { controlVersion } from "../../root/control-protocol.js";
import { type Command, exitCodes, Failure, type Invocation } from "../command.js";
import { userText } from "../device-users.js";
import { type Check, examine } from "../examination.js";
import { type ExaminedDevice, examineDevices } from "../found-devices.js";
import type { Output, Style } from "../output.js";

const marks: Readonly<Record<Check["outcome"], readonly [string, Style]>> = {
  ok: ["ok", "green"],
  limited: ["limited", "yellow"],
  missing: ["missing", "red"],
};

function deviceText(output: Output, device: ExaminedDevice): string {
  const { access, users, fix } = device;
  const facts = (["class", "node", "bus", "driver", "manufacturer", "model", "serial", "path"] as const).flatMap(
    (key) => (device[key] === undefined ? [] : [`         ${key}: ${key === "node" ? "/dev/" : ""}${device[key]}`]),
  );
  const [mark, style] = marks[access.allowed ? (fix === undefined ? "ok" : "limited") : "missing"];
  return [
    `${output.style(style, mark.padEnd(8))} ${device.device}`,
    ...facts,
    `         ${access.allowed ? `allowed by: ${access.by}` : `not allowed: ${access.by}`}`,
    `         in use by: ${users.length === 0 ? "nobody" : users.map(userText).join(", ")}`,
    ...(fix === undefined ? [] : [`         fix: ${fix}`]),
  ].join("\n");
}

/** Examines devices instead of the machine. */
async function examineAsked(invocation: Invocation, asked: string): Promise<number> {
  const { output } = invocation;
  const { devices, partial } = await examineDevices(invocation, asked);
  if (devices.length === 0)
    throw new Failure(
      `No device is "${asked}", by stable name, name, node or class`,
      exitCodes.device,
      'is it plugged in? "bulkhead devices" lists all',
    );
  const healthy = devices.every(({ fix, access }) => access.allowed && fix === undefined);
  output.result({ version: controlVersion, healthy, devices, partial }, () =>
    devices.map((one) => deviceText(output, one)).join("\n"),
  );
  return healthy ? exitCodes.ok : exitCodes.device;
}

export const doctor: Command = {
  name: "doctor",
  summary: "Examine this machine, or a device of it: what is there, what is not, and the fix",
  arguments: "[DEVICE]",
  count: [0, 1],
  examples: [
    ["bulkhead doctor", "why a component is less isolated than it could be"],
    ["bulkhead doctor /dev/ttyS0", "why a device cannot be used"],
  ],
  async run(invocation) {
    const { output, positionals } = invocation;
    const [asked] = positionals;
    if (asked !== undefined) return await examineAsked(invocation, asked);
    const checks = await examine();
    const healthy = checks.every(({ outcome, needed }) => outcome !== "missing" || !needed);
    output.result({ version: controlVersion, healthy, checks }, () =>
      checks
        .flatMap(({ name, outcome, facts, fix }) => {
          const [mark, style] = marks[outcome];
          return [
            `${output.style(style, mark.padEnd(8))} ${name}: ${facts}`,
            ...(fix === undefined ? [] : [`         fix: ${fix}`]),
          ];
        })
        .join("\n"),
    );
    return healthy ? exitCodes.ok : exitCodes.device;
  },
};
