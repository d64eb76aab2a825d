/** Writes nonsense into every pipe that comes while it runs: into its debugger's. */
import { fstatSync, writeSync } from "node:fs";
import { component } from "../../base/index.js";

function isPipe(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFIFO();
  } catch {
    return false;
  }
}

component(() => {
  const descriptors = Array.from({ length: 64 }, (_, descriptor) => descriptor);
  const own = new Set(descriptors.filter(isPipe));
  setInterval(() => {
    for (const descriptor of descriptors)
      if (!own.has(descriptor) && isPipe(descriptor)) writeSync(descriptor, "nonsense".repeat(100));
  }, 20);
});
