/** Uses CalcCounter from another process, prints the answers as one line of JSON, and exits with 0. */
import { component, SessionError } from "bulkhead";
import { CalcCounter } from "../../idl/calc_counter.generated.js";

component(async (env) => {
  await using session = await env.session(CalcCounter, {}, {});
  const calc = session.client;
  const quotient = await calc
    .divide(1, 0)
    .catch((error: unknown) => (error instanceof SessionError ? error.code : "?"));
  const answers = [
    await calc.add(2, 3),
    await calc.multiply(6, 7),
    quotient,
    await calc.increment(),
    await calc.increment(),
  ];
  console.log(JSON.stringify(answers));
  await env.exit(0);
});
