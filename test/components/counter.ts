/** Counts, and says each number: something to stop at. */
import { component } from "../../base/index.js";

let total = 0;

function count(step: number): number {
  const before = total;
  total = before + step;
  return total;
}

component(() => {
  setInterval(() => console.log(`counted ${count(1)}`), 20);
});
