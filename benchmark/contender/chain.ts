/**
 * One component of a chain: `chain.js head|middle|tail`. The head's channel end is in descriptors 4 and 5; a middle has
 * the end that it serves there and the one that it calls in 6 and 7.
 */
import { RpcClient } from "../../base/rpc-client.js";
import { RpcServer } from "../../base/rpc-server.js";
import { Bench, type BenchClient } from "../bench.generated.js";
import { measured, present, roundTrip } from "./measured.js";

function client(first: number): BenchClient {
  return Bench.client(new RpcClient({ kind: "channel", descriptors: [first, first + 1] }, "Bench").port());
}

function serve(relay: (passed: number) => number | Promise<number>): void {
  new RpcServer({ kind: "channel", descriptors: [4, 5] }, "benchmark").serve(Bench, {
    exchange: (a, b, c, d, text) => ({ sum: a + b + c + d, text }),
    relay,
  });
  present();
}

switch (process.argv[2]) {
  case "head": {
    const next = client(4);
    const hops = 2 * Number(process.argv[3]);
    measured(async (milliseconds) => (await roundTrip(milliseconds, () => next.relay(0))) / hops);
    break;
  }
  case "middle": {
    const next = client(6);
    serve((passed) => next.relay(passed + 1));
    break;
  }
  default:
    serve((passed) => passed + 1);
}
