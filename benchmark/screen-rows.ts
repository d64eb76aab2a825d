/** What it costs to show a screen in a browser. */
import { setTimeout as pause } from "node:timers/promises";
import { WebSocket } from "ws";
import { subProtocol } from "../servers/web-console/page-messages.js";
import { eventBytes, writeEvent } from "../sessions/event/event-record.js";
import { type Effort, interleave, type Row } from "./row.js";
import { BenchmarkSystem, cpuSeconds } from "./systems.js";

const changesPerSecond = 30;

/** A screen of 1280 x 800 that changes, and a console that shows it. */
function consoleSystem(content: string): object {
  return {
    parentProvides: ["ROM", "LOG", "Platform"],
    defaultRoute: { Capture: "screen", Event: "screen", "*": "parent" },
    start: {
      screen: {
        binary: "test/fake-screen",
        ram: "16M",
        provides: ["Capture", "Event"],
        config: { content, changesPerSecond },
      },
      "web-console": {
        ram: "32M",
        grants: { page: { listen: "127.0.0.1:0" } },
        config: { framesPerSecond: 2 * changesPerSecond },
      },
    },
  };
}

/** A browser that takes pictures, and spends no time on drawing them. */
class Taker implements Disposable {
  pictures = 0;
  bytes = 0;
  readonly #socket: WebSocket;

  constructor(url: string) {
    const address = new URL("/socket", url);
    this.#socket = new WebSocket(address.href.replace("http", "ws"), [subProtocol], { origin: address.origin });
    this.#socket.on("message", (data, binary) => {
      if (!binary) return;
      const frame = data as Buffer;
      this.pictures += 1;
      this.bytes += frame.length;
      const drawn = Buffer.alloc(eventBytes);
      writeEvent(new DataView(drawn.buffer, drawn.byteOffset), 0, { kind: "sequence", number: frame.readUInt32LE(0) });
      this.#socket.send(drawn);
    });
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}

interface Shown {
  /** Percent of one processor. */
  readonly processor: number;
  readonly megabytesPerSecond: number;
  readonly picturesPerSecond: number;
}

async function show(content: string, milliseconds: number): Promise<Shown> {
  await using system = new BenchmarkSystem({ system: consoleSystem(content), parked: 0 });
  const line = await system.line("The console is at ");
  using taker = new Taker(line.replace(/^.*?(http\S+).*$/, "$1"));
  // V8 has compiled what is used all the time.
  await pause(milliseconds / 2);
  const pid = system.processes.get("web-console") as number;
  const [cpu, pictures, bytes, time] = [cpuSeconds(pid), taker.pictures, taker.bytes, performance.now()];
  await pause(milliseconds);
  const seconds = (performance.now() - time) / 1000;
  return {
    processor: (100 * (cpuSeconds(pid) - cpu)) / seconds,
    megabytesPerSecond: (taker.bytes - bytes) / 1e6 / seconds,
    picturesPerSecond: (taker.pictures - pictures) / seconds,
  };
}

/** What all changes would cost, where a busy machine had time for some of them only. */
async function processorOf(content: string, milliseconds: number): Promise<number> {
  const { processor, picturesPerSecond } = await show(content, milliseconds);
  return (processor * changesPerSecond) / picturesPerSecond;
}

async function browserView({ rounds, milliseconds }: Effort) {
  // CPU time comes in ticks of 10 ms.
  const long = Math.max(2000, 4 * milliseconds);
  const { text } = await interleave(rounds, { text: () => processorOf("text", long) });
  const film = await show("film", long);
  return {
    ours: text,
    beside: {
      "text that scrolls in a window of 640 x 480": await processorOf("window", long),
      "a screen that rests": (await show("still", long)).processor,
      "a film on all of it": film.processor,
      "pictures a second of that film (no percentage)": film.picturesPerSecond,
      "MB a second of that film (no percentage)": film.megabytesPerSecond,
    },
  };
}

export const screenRows: readonly Row[] = [
  {
    name: "browser-view",
    title: "the web console's share of a processor while text scrolls on all of a 1280 x 800 screen, 30 times a second",
    unit: "%",
    better: "lower",
    goal: { figure: 50 },
    measure: browserView,
  },
];
