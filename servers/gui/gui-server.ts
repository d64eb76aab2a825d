/** The GUI server: clients, the screen they are on, and the input that reaches them. */
import type { SessionRequest } from "../../base/server.js";
import { type EventArgs, EventSession } from "../../sessions/event/index.js";
import { type GuiConfig, globalKeys } from "./config.js";
import { Domains } from "./domain.js";
import { type Desktop, GuiSession } from "./gui-session.js";
import { InputRouter } from "./input-router.js";
import { Screen } from "./screen.js";
import { Tokens } from "./tokens.js";
import type { View } from "./view.js";

/** How far a focus is passed on. */
const mostDelegations = 8;

export class GuiServer implements Desktop {
  readonly #config: GuiConfig;
  readonly #domains: Domains;
  readonly #globalKeys: ReadonlyMap<number, string>;
  readonly #clients = new Set<GuiSession>();
  readonly #router: InputRouter;
  #focused: GuiSession | undefined;
  readonly screen: Screen;
  readonly views = new Tokens<View>();
  readonly sessions = new Tokens<GuiSession>();

  constructor(config: GuiConfig) {
    this.#config = config;
    this.#domains = new Domains(config);
    this.#globalKeys = globalKeys(config);
    this.screen = new Screen(config);
    const server = this;
    this.#router = new InputRouter(
      this.screen,
      {
        globalReceiver: (key) => this.#globalReceiver(key),
        get focused() {
          return server.#focused;
        },
        clicked: (session) => this.#clicked(session),
      },
      {},
    );
  }

  /** Opens a Gui session. */
  async open(request: SessionRequest<object>): Promise<GuiSession> {
    const session = await GuiSession.open(request, this, this.#domains.of(request.label));
    // It may be gone already, and would then never be taken off.
    if (request.session.open) this.#clients.add(session);
    return session;
  }

  /** Opens an Event session. */
  openEvents(request: SessionRequest<EventArgs>): Promise<EventSession> {
    const source = {};
    return EventSession.open(request, { submit: (events) => this.#router.submit(source, events) });
  }

  #globalReceiver(key: number): GuiSession | null | undefined {
    const label = this.#globalKeys.get(key);
    return label === undefined ? undefined : (this.#labelled(label) ?? null);
  }

  #labelled(label: string): GuiSession | undefined {
    return [...this.#clients].find((client) => client.label === label);
  }

  #clicked(session: GuiSession): void {
    if (this.#config.focus === "click") this.#focus(session);
  }

  /** Gives the focus to a client, or whoever that client gives it to. */
  #focus(wanted: GuiSession | undefined): void {
    let session = wanted;
    for (let passed = 0; session?.delegate !== undefined && passed < mostDelegations; passed += 1) {
      const next = this.sessions.named(session.delegate);
      if (next === undefined) break;
      session = next;
    }
    if (session === this.#focused) return;
    this.#focused?.input.submit({ kind: "focus-leave" });
    this.#focused = session;
    session?.input.submit({ kind: "focus-enter" });
    this.#router.focusChanged();
  }

  exclusive(session: GuiSession, enabled: boolean): void {
    this.#router.exclusive(session, enabled);
  }

  closed(session: GuiSession): void {
    this.#clients.delete(session);
    this.#router.closed(session);
    if (this.#focused === session) {
      this.#focused = undefined;
      this.#router.focusChanged();
    }
  }
}
