/** The stand-in: a display in memory, whose picture goes nowhere. */
import type { Area } from "../../sessions/geometry/geometry.generated.js";
import type { Display } from "./display.js";

export function memoryDisplay(name: string, area: Area): Display {
  return {
    name,
    area,
    millimeters: { width: 0, height: 0 },
    description: `a display in memory, ${area.width} by ${area.height} pixels`,
    show() {},
    close() {},
  };
}
