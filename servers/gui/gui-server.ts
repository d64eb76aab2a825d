/** The GUI server: clients, the screen they are on, and the input that reaches them. */
import { selectPolicy } from "../../base/policy.js";
import type { SessionRequest } from "../../base/server.js";
import { keyName } from "../../lib/input/key-codes.js";
import type { CaptureSession } from "../../sessions/capture/index.js";
import { type EventArgs, EventSession } from "../../sessions/event/index.js";
import type { Rect } from "../../sessions/geometry/geometry.generated.js";
import { type GuiConfig, globalKeys } from "./config.js";
import { Domains } from "./domain.js";
import { type Desktop, GuiSession } from "./gui-session.js";
import { InputRouter, type Source } from "./input-router.js";
import type { ReportName, Reports } from "./reports.js";
import { Screen } from "./screen.js";
import { Tokens } from "./tokens.js";
import type { View } from "./view.js";

/** How far a focus is passed on. */
const mostDelegations = 8;

export class GuiServer implements Desktop {
  #config: GuiConfig;
  #domains: Domains;
  #globalKeys: ReadonlyMap<number, string>;
  readonly #reports: Reports;
  readonly #clients = new Set<GuiSession>();
  readonly #router: InputRouter;
  #focused: GuiSession | undefined;
  #lookUnderPointer: NodeJS.Immediate | undefined;
  /** Who has the focus where a ROM decides, whether or not it is there. */
  #chosen: string | undefined;
  readonly screen: Screen;
  readonly views = new Tokens<View>();
  readonly sessions = new Tokens<GuiSession>();

  constructor(config: GuiConfig, reports: Reports = { publish: () => {} }) {
    this.#config = config;
    this.#domains = new Domains(config);
    this.#globalKeys = globalKeys(config);
    this.#reports = reports;
    this.screen = new Screen(
      config,
      () => this.#reportPanorama(),
      () => this.#rearranged(),
    );
    this.#router = this.#makeRouter();
  }

  #makeRouter(): InputRouter {
    const server = this;
    const { screen } = this;
    const { scene } = screen;
    const surface = {
      get screen() {
        return screen.screen;
      },
      stack: scene.stack,
      movePointer: scene.movePointer.bind(scene),
      showPointer: scene.showPointer.bind(scene),
    };
    const policy = {
      globalReceiver: (key: number) => this.#globalReceiver(key),
      get focused() {
        return server.#focused;
      },
      clicked: (session: GuiSession) => this.#clicked(session),
    };
    return new InputRouter(surface, policy, {
      hovered: (session) => this.#report("hover", () => facts(session)),
      keys: (pressed) => this.#report("keystate", () => ({ pressed: [...pressed].map(keyName) })),
      pointed: (point) => this.#report("pointer", () => point),
      touched: (touches) => this.#report("touch", () => ({ touches })),
    });
  }

  /** Other rules, for those who are there too. A client that they do not permit loses its session. */
  configure(config: GuiConfig): void {
    const domains = new Domains(config);
    this.#globalKeys = globalKeys(config);
    this.#domains = domains;
    this.#config = config;
    for (const client of this.#clients) {
      try {
        client.assign(domains.of(client.label));
      } catch {
        client.end();
      }
    }
    this.screen.configure(config);
    this.screen.scene.focus(this.#focused);
    if (config.focus === "rom") this.#choose();
  }

  #report(name: ReportName, document: () => unknown): void {
    this.#reports.publish(name, document);
  }

  /** Once for all that changes in a turn of the loop. */
  #rearranged(): void {
    this.#lookUnderPointer ??= setImmediate(() => {
      this.#lookUnderPointer = undefined;
      this.#router.rearranged();
    });
  }

  #reportPanorama(): void {
    this.#report("panorama", () => ({ ...this.screen.screen, displays: this.screen.displays }));
  }

  /** Opens a Gui session. */
  async open(request: SessionRequest<object>): Promise<GuiSession> {
    const session = await GuiSession.open(request, this, this.#domains.of(request.label));
    // It may be gone already, and would then never be taken off.
    if (request.session.open) this.#clients.add(session);
    if (this.#config.focus === "rom") this.#choose();
    return session;
  }

  /** Opens a Capture session. */
  openCapture(request: SessionRequest<object>): CaptureSession {
    return this.screen.open(request);
  }

  /** Opens an Event session. */
  openEvents(request: SessionRequest<EventArgs>): Promise<EventSession> {
    const server = this;
    const source: Source = {
      get area() {
        return server.#areaOf(request.label);
      },
    };
    return EventSession.open(request, { submit: (events) => this.#router.submit(source, events) });
  }

  /** Where a source points, as a touch screen at the display that it lies on; undefined: anywhere. */
  #areaOf(label: string): Rect | undefined {
    const name = selectPolicy(this.#config.events, label).policy?.display;
    return this.screen.displays.find((display) => display.name === name)?.rect;
  }

  #globalReceiver(key: number): GuiSession | null | undefined {
    const label = this.#globalKeys.get(key);
    return label === undefined ? undefined : (this.#labelled(label) ?? null);
  }

  #labelled(label: string | undefined): GuiSession | undefined {
    return [...this.#clients].find((client) => client.label === label);
  }

  #clicked(session: GuiSession): void {
    this.#report("clicked", () => facts(session));
    if (this.#config.focus === "click") this.#focus(session);
  }

  /** Where a ROM decides on the focus: this client has it, once it is there; undefined: nobody. */
  choose(label: string | undefined): void {
    this.#chosen = label;
    if (this.#config.focus === "rom") this.#choose();
  }

  #choose(): void {
    const session = this.#labelled(this.#chosen);
    this.#focus(session?.domain.config.focus === "none" ? undefined : session);
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
    session?.input.submit({ kind: "focus-enter" });
    this.#focusIs(session);
  }

  #focusIs(session: GuiSession | undefined): void {
    this.#focused = session;
    this.#router.focusChanged();
    this.screen.scene.focus(session);
    this.#report("focus", () => facts(session));
  }

  exclusive(session: GuiSession, enabled: boolean): void {
    this.#router.exclusive(session, enabled);
  }

  delegated(session: GuiSession): void {
    if (this.#focused === session) this.#focus(session);
  }

  closed(session: GuiSession): void {
    this.#clients.delete(session);
    this.#router.closed(session);
    if (this.#focused === session) this.#focusIs(undefined);
  }
}

/** What reports say of a client. */
function facts(session: GuiSession | undefined): object {
  return session === undefined
    ? {}
    : { label: session.label, domain: session.domain.name, color: session.domain.config.color };
}
