/** Serves CalcCounter: the arithmetic is stateless, each session counts for itself. */
import { component, SessionError } from "bulkhead";
import { CalcCounter } from "../../idl/calc_counter.generated.js";

component(async (env) => {
  await env.announce(CalcCounter, () => {
    let count = 0;
    return {
      add: (left, right) => left + right,
      subtract: (left, right) => left - right,
      multiply: (left, right) => left * right,
      divide(numerator, denominator) {
        if (denominator === 0) throw new SessionError("DivisionByZero", `Cannot divide ${numerator} by zero`);
        return Math.trunc(numerator / denominator);
      },
      increment: () => ++count,
    };
  });
});
