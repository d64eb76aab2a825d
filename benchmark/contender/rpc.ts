/**
 * Our round trip: `rpc.js client|server [trips]`, with one end of a channel in descriptors 4 and 5. Typed proxies and handlers,
 * as a component has them; what is left out is only how the session was opened. With `trips`, a measurement is that many trips.
 */
import { RpcClient } from "../../base/rpc-client.js";
import { RpcServer } from "../../base/rpc-server.js";
import { Bench } from "../bench.generated.js";
import { measured, present, roundTrip } from "./measured.js";

const channel = { kind: "channel", descriptors: [4, 5] } as const;
const text = "thirty-two characters of a text.";

if (process.argv[2] === "server") {
  const server = new RpcServer(channel, "benchmark");
  server.serve(Bench, {
    exchange: (a, b, c, d, said) => ({ sum: a + b + c + d, text: said }),
    relay: (passed) => passed + 1,
  });
  present();
} else {
  const bench = Bench.client(new RpcClient(channel, "Bench").port());
  const trip = async (number: number): Promise<void> => {
    const reply = await bench.exchange(number, 1, 2, 3, text);
    if (reply.sum !== number + 6 || reply.text.length !== text.length)
      throw new Error(`Exchange ${number} was answered ${reply.sum}, "${reply.text}"`);
  };
  if (process.argv[3] === "trips") {
    measured(async (trips) => {
      for (let i = 0; i < trips; ++i) await trip(i);
      return trips;
    });
  } else measured((milliseconds) => roundTrip(milliseconds, trip));
}
