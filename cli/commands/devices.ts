/** `bulkhead devices`: what this machine has, whether this user may use it, and who does. */
import { controlVersion } from "../../root/control-protocol.js";
import { type Command, exitCodes, Failure } from "../command.js";
import { userText } from "../device-users.js";
import { type ExaminedDevice, examineDevices } from "../found-devices.js";
import type { Output } from "../output.js";

function hardwareText({ model, manufacturer, driver }: ExaminedDevice): string {
  const words = [manufacturer, model].filter((word) => word !== undefined).join(" ");
  return words === "" ? (driver ?? "") : driver === undefined ? words : `${words} (${driver})`;
}

function accessText(output: Output, { access }: ExaminedDevice): string {
  return access.allowed ? output.style("green", access.by) : output.style("red", `no: ${access.by}`);
}

function table(output: Output, devices: readonly ExaminedDevice[]): string {
  return output.table(
    ["DEVICE", "NODE", "HARDWARE", "ALLOWED BY", "IN USE BY"],
    devices.map((one) => [
      one.device,
      one.node === undefined ? one.name : `/dev/${one.node}`,
      hardwareText(one),
      accessText(output, one),
      one.users.map(userText).join(", "),
    ]),
  );
}

export const devices: Command = {
  name: "devices",
  summary: "List the devices of this machine: found, allowed, in use by whom",
  arguments: "[DEVICE]",
  count: [0, 1],
  examples: [
    ["bulkhead devices", "all of them, under their stable names"],
    ["bulkhead devices tty", "those of one class of the kernel"],
    ['bulkhead devices "*.usb-*" --json', "what is plugged into USB, for programs"],
  ],
  async run(invocation) {
    const { output, positionals } = invocation;
    const [asked] = positionals;
    const { devices: found, partial } = await examineDevices(invocation, asked);
    if (found.length === 0 && asked !== undefined)
      throw new Failure(
        `No device is "${asked}", by stable name, name, node or class`,
        exitCodes.failure,
        '"bulkhead devices" lists all',
      );
    output.result({ version: controlVersion, devices: found, partial }, () =>
      found.length === 0 ? "No devices: is /sys mounted?" : table(output, found),
    );
    if (output.json) return exitCodes.ok;
    const unusable = found.filter(({ fix }) => fix !== undefined);
    if (unusable.length > 0)
      output.note(`"bulkhead doctor DEVICE" says what to do where one cannot be used (${unusable.length} here)`);
    if (partial) output.note("Who uses a device is known of your own processes only; as root, of all");
    return exitCodes.ok;
  },
};
