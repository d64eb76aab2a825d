/** Lines of GPIO chips as outputs, by the kernel's character devices. */
import { native as addon } from "./native.js";

interface GpioAddon {
  gpioRequestOutput(chip: number, line: number, high: boolean, consumer: string): number;
  gpioSetOutput(output: number, high: boolean): void;
}

const native = addon as unknown as GpioAddon;

/**
 * Takes a line of an open chip, and drives it at once: a descriptor, whose closing gives the line back. `consumer` is
 * what others see as its holder. Throws EBUSY when somebody has it, EINVAL when the chip has no such line.
 */
export function takeOutputLine(chip: number, line: number, high: boolean, consumer: string): number {
  return native.gpioRequestOutput(chip, line, high, consumer);
}

export function setOutputLine(output: number, high: boolean): void {
  native.gpioSetOutput(output, high);
}
