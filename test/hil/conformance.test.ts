// timeout: 240s
// needs: root
/** Every session interface on every provider of this machine: stand-ins and devices of the kernel. */
import { hostBench } from "../../hil/benches/host.js";
import { providersOf, runCase, suites } from "../../hil/conformance/run.js";
import { suite } from "../support/suite.js";

const bench = hostBench();
for (const { need, cases } of suites) {
  const test = suite(need);
  for (const { provider, lacking } of await providersOf(bench, need)) {
    for (const one of cases) {
      test(`${provider.name}: ${one.name}`, async (context) => {
        if (lacking !== undefined) context.skip(lacking);
        await runCase(bench, provider, one, context);
      });
    }
  }
  test.run();
}
