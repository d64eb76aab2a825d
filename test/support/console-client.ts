/** A browser's end of a web console, without a browser: draws what it is sent, and says what it is told to. */
import { once } from "node:events";
import { inflateRawSync } from "node:zlib";
import { type ClientOptions, WebSocket } from "ws";
import {
  frameHeaderBytes,
  mostColoursOfHalves,
  TileGrid,
  type TilePlace,
} from "../../servers/web-console/frame-format.js";
import { type PageRequest, type ServerMessage, subProtocol } from "../../servers/web-console/page-messages.js";
import { eventBytes, type InputEvent, writeEvent } from "../../sessions/event/index.js";
import { slowness } from "./slowness.js";

const patience = 8000 * slowness;

export interface ClientChoices {
  /** Whether it says that it drew each picture. */
  readonly acknowledges?: boolean;
  readonly token?: string;
  readonly options?: ClientOptions;
}

function colourAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
}

function numberAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

export class ConsoleClient implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  /** Numbers of the pictures that came and are not acknowledged. */
  readonly unacknowledged: number[] = [];
  pictures = 0;
  bytes = 0;
  width = 0;
  height = 0;
  /** A pixel each: 0xRRGGBB. */
  pixels = new Uint32Array(0);
  closed: { readonly code: number; readonly reason: string } | undefined;
  acknowledges: boolean;
  readonly #watchers = new Set<() => void>();

  private constructor(socket: WebSocket, acknowledges: boolean) {
    this.socket = socket;
    this.acknowledges = acknowledges;
    socket.binaryType = "nodebuffer";
    socket.on("message", (data, binary) => {
      if (binary) this.#picture(data as Buffer);
      else this.messages.push(JSON.parse(String(data)) as ServerMessage);
      this.#look();
    });
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.#look();
    });
    socket.on("error", () => {});
  }

  /** Connects as the console's own page does. `url` is the console's. */
  static async connect(url: string, choices: ClientChoices = {}): Promise<ConsoleClient> {
    const { acknowledges = true, token, options = {} } = choices;
    const protocols = token === undefined ? [subProtocol] : [subProtocol, `token.${token}`];
    const address = new URL("/socket", url);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address, protocols, { origin: new URL(url).origin, ...options });
    const client = new ConsoleClient(socket, acknowledges);
    const refused = new Promise<never>((_resolve, reject) => {
      socket.once("unexpected-response", (_request, response) => {
        response.resume();
        reject(new Error(`refused with ${response.statusCode}`));
      });
      socket.once("error", reject);
    });
    await Promise.race([once(socket, "open"), refused]);
    return client;
  }

  #look(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Waits until the condition holds, which is looked at whenever something came. */
  until(what: string, condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`Waited in vain until ${what}; closed: ${JSON.stringify(this.closed)}`));
      }, patience);
      this.#watchers.add(look);
      look();
    });
  }

  #picture(frame: Buffer): void {
    this.pictures += 1;
    this.bytes += frame.length;
    const width = frame.readUInt16LE(4);
    const height = frame.readUInt16LE(6);
    const packed = frame.readUInt32LE(8);
    if (width !== this.width || height !== this.height) {
      this.width = width;
      this.height = height;
      this.pixels = new Uint32Array(width * height);
    }
    const grid = new TileGrid(width, height);
    const body = frame.subarray(frameHeaderBytes, frameHeaderBytes + packed);
    if (packed > 0) this.#few(grid, inflateRawSync(body));
    this.#many(grid, frame.subarray(frameHeaderBytes + packed));
    this.unacknowledged.push(frame.readUInt32LE(0));
    if (this.acknowledges) this.acknowledge();
  }

  #few(grid: TileGrid, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const place = grid.place(numberAt(bytes, at));
      const count = (bytes[at + 2] as number) + 1;
      const palette = Array.from({ length: count }, (_, colour) => colourAt(bytes, at + 3 + 3 * colour));
      at += 3 + 3 * count;
      const start = at;
      const halves = count <= mostColoursOfHalves;
      const pixels = place.width * place.height;
      if (count > 1) at += halves ? Math.ceil(pixels / 2) : pixels;
      this.#fill(place, (pixel) => {
        if (count === 1) return palette[0] as number;
        const byte = bytes[start + (halves ? pixel >> 1 : pixel)] as number;
        return palette[halves ? (pixel % 2 === 0 ? byte & 15 : byte >> 4) : byte] as number;
      });
    }
  }

  #many(grid: TileGrid, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const place = grid.place(numberAt(bytes, at));
      const start = at + 2;
      at = start + 3 * place.width * place.height;
      this.#fill(place, (pixel) => colourAt(bytes, start + 3 * pixel));
    }
  }

  #fill({ x, y, width, height }: TilePlace, colour: (pixel: number) => number): void {
    for (let pixel = 0; pixel < width * height; ++pixel)
      this.pixels[(y + Math.floor(pixel / width)) * this.width + x + (pixel % width)] = colour(pixel);
  }

  /** Says that it drew what came so far. */
  acknowledge(): void {
    this.send(this.unacknowledged.splice(0).map((number) => ({ kind: "sequence", number })));
  }

  send(events: readonly InputEvent[]): void {
    const bytes = Buffer.alloc(events.length * eventBytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (const [place, event] of events.entries()) writeEvent(view, place * eventBytes, event);
    this.socket.send(bytes);
  }

  ask(request: PageRequest): void {
    this.socket.send(JSON.stringify(request));
  }

  /** The first message of a kind that meets the condition. */
  async message<Type extends ServerMessage["type"]>(
    type: Type,
    condition: (message: Extract<ServerMessage, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<ServerMessage, { type: Type }>> {
    type Wanted = Extract<ServerMessage, { type: Type }>;
    const find = (): Wanted | undefined =>
      this.messages.find((one): one is Wanted => one.type === type && condition(one as Wanted));
    await this.until(`a message "${type}" comes`, () => find() !== undefined);
    return find() as Wanted;
  }

  /** Goes away. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const gone = once(this.socket, "close");
    this.socket.terminate();
    await gone;
  }
}
