import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { makeChannel } from "../../base/channel-pair.js";
import { channel as layout, serverSide } from "../../base/layout.js";
import { RpcClient } from "../../base/rpc-client.js";
import { RawPeer } from "../support/raw-peer.js";
import { suite } from "../support/suite.js";

const test = suite("last bell");

/** So many sessions at rest are waited for by the loop, not by the hook. */
const bystanders = 12;

test("the end of a session is heard though a bell lies before it, and a bell of ours took its error away", async (context) => {
  const session = (name: string): { client: RpcClient; peer: RawPeer } => {
    const ends = makeChannel(name);
    const client = new RpcClient(ends.client, name);
    context.defer(() => client.close());
    return { client, peer: context.use(new RawPeer(ends.server, serverSide)) };
  };
  for (let number = 0; number < bystanders; ++number) session(`bystander ${number}`);
  const [first, dying] = [session("first"), session("dying")];
  const asleep = (): number => Atomics.store(dying.peer.words, layout.asleepWord[serverSide], 1);
  let ended = false;
  dying.client.onClosed(() => (ended = true));
  let heard = 0;
  first.client.onSignal(0, () => {
    heard += 1;
    dying.client.raise(0);
  });
  await delay(50);

  // The loop learns of all this at once: of the first session's signal, and of the other one's bell and end. What the peer
  // left unread makes its end an error of the socket, which the next bell that is sent takes away.
  Atomics.add(first.peer.words, layout.signalsWord[serverSide], 1);
  first.peer.bell();
  asleep();
  dying.client.raise(0);
  asleep();
  dying.peer.bell();
  dying.peer[Symbol.dispose]();
  for (let waited = 0; waited < 2000 && !ended; waited += 10) await delay(10);
  assert.is(heard, 1);
  assert.ok(ended);
});

test.run();
