// emulated
/** Sessions whose server dies, and dies again while they are being reopened. */
import * as assert from "uvu/assert";
import { Session } from "../../base/session.js";
import { Echo, type EchoHandlers } from "../support/echo.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { suite } from "../support/suite.js";

const test = suite("reopening");

test("a server that dies within the handlers of the reopening is replaced once", async (context) => {
  const parent = context.use(new LocalParent());
  let opened = 0;
  const deaths: (() => void)[] = [];
  await parent.env("server").announce(Echo, ({ session }): EchoHandlers => {
    const number = ++opened;
    deaths[number] = () => session.close();
    return {
      echo: (bytes) => {
        // The second server dies of the first thing that it is asked.
        if (number === 2) session.close();
        return bytes;
      },
      pass: (memory) => memory,
      note: () => {},
    };
  });
  const session = context.use(await Session.open(parent.env("client"), Echo, {}, {}));
  const outcomes: string[] = [];
  session.onReopened(async () => {
    const answer = session.client.echo(Uint8Array.of(1));
    outcomes.push(await code(answer));
    await answer;
  });
  assert.equal(await session.client.echo(Uint8Array.of(7)), Uint8Array.of(7));
  deaths[1]?.();
  while (outcomes.length < 2) await code(session.client.echo(Uint8Array.of(2)));
  assert.equal(await session.client.echo(Uint8Array.of(3)), Uint8Array.of(3));
  assert.equal(outcomes, ["Disconnected", "resolved"]);
  assert.is(opened, 3, "the first, the one that died, and the one that stayed");
});

test.run();
