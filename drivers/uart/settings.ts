/** Between the settings of a terminal, as the kernel has them, and those of the Uart interface. */
import type { LineSettings, Parity } from "../../bindings/tty.js";
import { UartControlFlowControl, type UartControlLine, UartControlParity } from "../../sessions/uart/index.js";
import type { LineConfig } from "./config.js";

/** Receivers tolerate about this much between two ends. */
const rateTolerance = 0.03;

export function settingsOf({
  baudRate,
  dataBits,
  stopBits,
  parity,
  flowControl,
}: UartControlLine): Partial<LineSettings> {
  return {
    inputRate: baudRate,
    outputRate: baudRate,
    dataBits,
    stopBits,
    parity: (Object.keys(UartControlParity) as Parity[]).find((name) => UartControlParity[name] === parity) ?? "none",
    hardwareFlow: flowControl === UartControlFlowControl.hardware,
    softwareFlow: flowControl === UartControlFlowControl.software,
  };
}

export function lineOf({
  outputRate,
  dataBits,
  stopBits,
  parity,
  hardwareFlow,
  softwareFlow,
}: LineSettings): UartControlLine {
  return {
    baudRate: outputRate,
    dataBits,
    stopBits,
    parity: UartControlParity[parity],
    flowControl: UartControlFlowControl[hardwareFlow ? "hardware" : softwareFlow ? "software" : "none"],
  };
}

/** The line of a configuration. */
export function configuredLine({ baudRate, dataBits, stopBits, parity, flowControl }: LineConfig): UartControlLine {
  return {
    baudRate,
    dataBits,
    stopBits,
    parity: UartControlParity[parity],
    flowControl: UartControlFlowControl[flowControl],
  };
}

/** Whether the terminal took what it was asked for: it does not complain of what it cannot do. */
export function taken(asked: UartControlLine, inForce: UartControlLine): boolean {
  const { baudRate, ...rest } = asked;
  const near = Math.abs(inForce.baudRate - baudRate) <= baudRate * rateTolerance;
  return near && (Object.keys(rest) as (keyof typeof rest)[]).every((key) => rest[key] === inForce[key]);
}
