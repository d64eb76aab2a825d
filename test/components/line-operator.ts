/**
 * Does with its serial line what the far end asks, a line each, and says what came of it: `echo WORDS`, `set JSON`, `line`,
 * `break MILLISECONDS`, `modem DTR RTS` (0 or 1, after three seconds in which the line may be looped), `counters`. It says
 * when breaks come, when modem lines change and when the line comes and goes.
 */
import { component } from "../../base/index.js";
import { Uart, type UartConnection, type UartLine } from "../../sessions/uart/index.js";

const say = (what: string, value: unknown): void => console.log(`${what}: ${JSON.stringify(value)}`);

async function operate(uart: UartConnection, word: string, rest: string): Promise<void> {
  switch (word) {
    case "echo":
      return void (await uart.write(`${rest}\n`));
    case "set":
      await uart.setLine(JSON.parse(rest) as Partial<UartLine>);
      return say("set", await uart.line());
    case "line":
      return say("line", await uart.line());
    case "break":
      await uart.sendBreak(Number(rest));
      return say("break sent", Number(rest));
    case "modem": {
      const [dtr = false, rts = false] = rest.split(" ").map((bit) => bit === "1");
      say("modem soon", { dtr, rts });
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await uart.setModem({ dtr, rts });
      return say("modem", await uart.modem());
    }
    case "counters":
      return say("counters", await uart.counters());
    default:
      return say("unknown", word);
  }
}

component(async (env) => {
  const uart = await env.connect(Uart);
  uart.onBreak((count) => say("breaks", count));
  uart.onModemChange(() => void uart.modem().then((modem) => say("modem changed", modem)));
  uart.onConnectedChange(() => void uart.connected().then((connected) => say("connected", connected)));
  say("ready", await uart.line());
  let text = "";
  const listen = async (): Promise<void> => {
    for await (const bytes of uart) {
      text += Buffer.from(bytes).toString("latin1");
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        const space = line.indexOf(" ");
        const [word, rest] = space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1)];
        await operate(uart, word, rest).catch((error: unknown) => say("failed", String(error)));
      }
    }
  };
  void listen();
});
