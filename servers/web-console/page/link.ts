/** The connection to the console: opened again when it is lost, with the token where one is needed. */
import { eventBytes, type InputEvent, writeEvent } from "../../../sessions/event/event-record.js";
import { type PageRequest, type ServerMessage, subProtocol, type Topic, tokenPrefix } from "../page-messages.js";
import { byId } from "./elements.js";

const tokenItem = "bulkhead-token";
const longestWait = 5000;

/** Distributes over the kinds of requests, so that each keeps its own fields. */
type WithoutId<Request> = Request extends { readonly id: number } ? Omit<Request, "id"> : never;
type Answer = Extract<ServerMessage, { type: "answer" }>;

export interface LinkHandlers {
  message(message: ServerMessage): void;
  /** Resolves when the picture has been drawn. */
  picture(frame: ArrayBuffer): Promise<void>;
  opened(): void;
  lost(): void;
}

export class Link {
  readonly #handlers: LinkHandlers;
  readonly #status = byId("link");
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #socket: WebSocket | undefined;
  #wait = 250;
  #nextId = 1;
  /** Pictures are drawn one after another. */
  #drawn: Promise<void> = Promise.resolve();
  #token = sessionStorage.getItem(tokenItem) ?? "";

  constructor(handlers: LinkHandlers) {
    this.#handlers = handlers;
    // A link may bring the token; it must not stay in the address bar.
    const given = /^#token=(.+)$/.exec(location.hash)?.[1];
    if (given !== undefined) {
      this.#keepToken(decodeURIComponent(given));
      history.replaceState(null, "", location.pathname);
    }
    const form = byId<HTMLFormElement>("token-form");
    form.addEventListener("submit", () => {
      this.#keepToken(byId<HTMLInputElement>("token").value.trim());
      void this.connect();
    });
  }

  #keepToken(token: string): void {
    this.#token = token;
    sessionStorage.setItem(tokenItem, token);
  }

  async connect(): Promise<void> {
    this.#show("wait", "Connecting");
    try {
      const headers = this.#token === "" ? {} : { Authorization: `Bearer ${this.#token}` };
      const { status } = await fetch("/token", { headers });
      if (status === 401) return this.#askForToken();
    } catch {
      return this.#later();
    }
    const protocols = this.#token === "" ? [subProtocol] : [subProtocol, tokenPrefix + this.#token];
    const socket = new WebSocket(
      `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/socket`,
      protocols,
    );
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wait = 250;
      this.#show("open", "Connected");
      this.#handlers.opened();
    });
    socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => this.#received(socket, data));
    socket.addEventListener("close", ({ reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      for (const [id, answer] of this.#answers)
        answer({ type: "answer", id, failure: "The connection was lost before the answer" });
      this.#answers.clear();
      this.#handlers.lost();
      this.#later(reason);
    });
  }

  #later(reason = ""): void {
    this.#show("lost", reason === "" ? "Not connected" : reason);
    setTimeout(() => void this.connect(), this.#wait);
    this.#wait = Math.min(longestWait, 2 * this.#wait);
  }

  #askForToken(): void {
    this.#show("lost", "Needs its token");
    byId("token-failure").textContent = this.#token === "" ? "" : "That is not its token.";
    const dialog = byId<HTMLDialogElement>("token-dialog");
    if (!dialog.open) dialog.showModal();
  }

  #show(state: "wait" | "open" | "lost", text: string): void {
    this.#status.dataset["state"] = state;
    this.#status.textContent = text;
  }

  #received(socket: WebSocket, data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      const number = new DataView(data).getUint32(0, true);
      this.#drawn = this.#drawn
        .then(() => this.#handlers.picture(data))
        .catch((error: unknown) => console.error("A picture could not be drawn", error))
        .then(() => {
          if (socket === this.#socket) this.send([{ kind: "sequence", number }]);
        });
      return;
    }
    const message = JSON.parse(data) as ServerMessage;
    if (message.type !== "answer") return this.#handlers.message(message);
    this.#answers.get(message.id)?.(message);
    this.#answers.delete(message.id);
  }

  /** Sends events; they are lost while there is no connection. */
  send(events: readonly InputEvent[]): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || events.length === 0) return;
    const bytes = new ArrayBuffer(events.length * eventBytes);
    const view = new DataView(bytes);
    for (const [place, event] of events.entries()) writeEvent(view, place * eventBytes, event);
    this.#socket.send(bytes);
  }

  follow(topics: readonly Topic[]): void {
    this.#text({ type: "follow", topics });
  }

  /** Asks for something; the answer says how it went. */
  ask(request: WithoutId<PageRequest>): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      if (this.#socket?.readyState !== WebSocket.OPEN)
        return resolve({ type: "answer", id, failure: "There is no connection" });
      this.#answers.set(id, resolve);
      this.#text({ ...request, id } as PageRequest);
    });
  }

  #text(request: PageRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }
}
