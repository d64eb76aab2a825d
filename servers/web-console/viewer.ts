/** One browser: its picture, its input, and what it follows of the system. */
import type { RawData, WebSocket } from "ws";
import { eventBytes, type InputEvent, readEvent } from "../../sessions/event/event-record.js";
import type { Desk, Follower } from "./desk.js";
import type { LiveScreen, ScreenViewer } from "./live-screen.js";
import { closeCodes, type ServerMessage, type Topic } from "./page-messages.js";
import { pageRequest } from "./page-request.js";
import { RateLimit } from "./rate-limit.js";
import { acceptable, type BrowserInput, type SharedInput } from "./shared-input.js";

/** Pictures that a browser may have been sent and not drawn. */
const mostUndrawn = 2;
/** Bytes of texts that may wait for a browser that does not read. */
const mostUnread = 1024 * 1024;
/** A browser that does not answer a ping until the next one has gone. */
const pingInterval = 15_000;
const limits = {
  /** Events a second, and at once: a hand, or several, on a fast mouse. */
  events: [2000, 4000],
  requests: [20, 60],
} as const;

export interface ViewerOptions {
  readonly screen: LiveScreen | undefined;
  readonly input: SharedInput;
  readonly desk: Desk;
  readonly label: string;
  readonly reports: () => readonly string[];
}

export class Viewer implements ScreenViewer, Follower {
  readonly #socket: WebSocket;
  readonly #options: ViewerOptions;
  readonly #input: BrowserInput;
  readonly #leaveScreen: (() => void) | undefined;
  readonly #ping: NodeJS.Timeout;
  readonly #events = new RateLimit(...limits.events);
  readonly #requests = new RateLimit(...limits.requests);
  /** Versions of the pictures that were sent and are not drawn yet. */
  readonly #undrawn: number[] = [];
  #version = 0;
  #topics: ReadonlySet<Topic> = new Set();
  /** Topics of which it missed something while it did not read. */
  readonly #missed = new Set<Topic>();
  #unread = 0;
  #answered = true;

  constructor(socket: WebSocket, options: ViewerOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#input = options.input.browser();
    socket.on("message", (data, binary) => this.#received(data, binary));
    socket.on("pong", () => {
      this.#answered = true;
    });
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => this.#gone());
    this.#ping = setInterval(() => this.#pingOrEnd(), pingInterval);
    const { screen, desk, label } = options;
    this.#send({ type: "hello", label, screen: screen !== undefined, system: desk.hasSystem });
    this.#leaveScreen = screen?.add(this);
  }

  // As a viewer of the screen.

  get version(): number {
    return this.#version;
  }

  get ready(): boolean {
    return this.#undrawn.length < mostUndrawn;
  }

  show(frame: Uint8Array, version: number): void {
    this.#undrawn.push(version);
    this.#version = version;
    this.#socket.send(frame);
  }

  // As a follower of the system.

  get topics(): ReadonlySet<Topic> {
    return this.#topics;
  }

  tell(topic: Topic, message: ServerMessage): void {
    if (this.#unread > mostUnread) this.#missed.add(topic);
    else this.#send(message);
  }

  #send(message: ServerMessage): void {
    const text = JSON.stringify(message);
    this.#unread += text.length;
    this.#socket.send(text, () => {
      this.#unread -= text.length;
      if (this.#unread === 0 && this.#missed.size > 0) this.#catchUp();
    });
  }

  #catchUp(): void {
    const topics = [...this.#missed];
    this.#missed.clear();
    this.#begin(topics.filter((topic) => this.#topics.has(topic)));
  }

  #begin(topics: readonly Topic[]): void {
    const { desk, reports } = this.#options;
    desk.begin(this, topics, reports()).catch((error: unknown) => console.error(`A page misses something: ${error}`));
  }

  #received(data: RawData, binary: boolean): void {
    if (binary) this.#receivedEvents(data as Buffer);
    // private copy: of what came through the socket
    else void this.#receivedRequest((data as Buffer).toString("utf8"));
  }

  #receivedEvents(bytes: Buffer): void {
    const count = bytes.length / eventBytes;
    if (!Number.isInteger(count)) return this.#end(closeCodes.malformed, "Events have 16 bytes each");
    if (!this.#events.take(count)) return this.#end(closeCodes.tooMuch, "Too many events");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const events: InputEvent[] = [];
    for (let byte = 0; byte < bytes.length; byte += eventBytes) {
      const event = readEvent(view, byte);
      if (event?.kind === "sequence") {
        // The page draws in the order in which it was sent.
        if (this.#undrawn.shift() !== event.number)
          return this.#end(closeCodes.malformed, "No such picture was sent, or not as the next");
      } else if (event !== undefined && acceptable(event)) events.push(event);
      else return this.#end(closeCodes.malformed, "Not an event that a page may send");
    }
    if (events.length > 0) this.#input.accept(events);
    this.#options.screen?.look();
  }

  async #receivedRequest(text: string): Promise<void> {
    if (!this.#requests.take(1)) return this.#end(closeCodes.tooMuch, "Too many requests");
    const request = pageRequest(text);
    if (request === undefined) return this.#end(closeCodes.malformed, "Not a request that a page may send");
    if (request.type !== "follow") return this.#send(await this.#options.desk.perform(request));
    const before = this.#topics;
    this.#topics = new Set(request.topics);
    this.#begin(request.topics.filter((topic) => !before.has(topic)));
  }

  #pingOrEnd(): void {
    if (!this.#answered) return this.#socket.terminate();
    this.#answered = false;
    this.#socket.ping();
  }

  #end(code: number, reason: string): void {
    this.#socket.close(code, reason);
    // Nothing more is taken from it, and what it does with the close does not matter.
    this.#socket.removeAllListeners("message");
    this.#input.release();
  }

  #gone(): void {
    clearInterval(this.#ping);
    this.#leaveScreen?.();
    this.#options.input.leave(this.#input);
    this.#options.desk.leave(this);
  }
}
