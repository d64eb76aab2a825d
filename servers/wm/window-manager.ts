/** Windows of applications on one GUI server: what the layout says is brought to the screen, and input to who it is for. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import type { SessionRequest } from "../../base/server.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { sameRect } from "../../lib/rectangle.js";
import { Watchers } from "../../lib/watchers.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { Area, Rect } from "../../sessions/geometry/geometry.generated.js";
import { Gui, type GuiConnection } from "../../sessions/gui/index.js";
import { ClientSession, type Manager } from "./client-session.js";
import type { WmConfig } from "./config.js";
import { Cycle } from "./cycle.js";
import { Decoration } from "./decoration.js";
import { contentOf } from "./frame.js";
import { Grip } from "./grip.js";
import { Layout, type Window } from "./layout.js";
import type { LayoutDocument } from "./layout-document.js";
import { type Action, Shortcuts } from "./shortcuts.js";

/** A window on the screen. */
interface Managed {
  readonly session: ClientSession;
  readonly decoration: Decoration;
  hovered: "close" | "maximise" | undefined;
  /** As it was brought to the screen last. */
  shown:
    | { readonly frame: Rect; readonly content: Area; readonly filling: boolean; readonly active: boolean }
    | undefined;
}

/** Windows of all applications: a bound of what frames cost. */
const mostWindows = 64;
/** Who types, and stopped less than so many milliseconds ago, goes on where he was, whatever windows open. */
const typingPause = 1000;
/** Of the session that hears keys while no window does. */
const screenLabel = "screen";
const closeKey = keyCode("KEY_CLOSE");

/** Buttons of mice and pens, which belong to where the pointer is. */
function points(key: number): boolean {
  return (key >= keyCode("BTN_LEFT") && key <= keyCode("BTN_TASK")) || (key >= 0x140 && key <= 0x14f);
}

export class WindowManager implements Manager, AsyncDisposable {
  readonly #env: Env;
  /** Knows the screen, and shows nothing. */
  readonly #screen: GuiConnection;
  readonly #layout: Layout;
  readonly #windows = new Map<number, Managed>();
  readonly #sessions = new Set<ClientSession>();
  readonly #delegates = new Map<ClientSession, Uint8Array>();
  readonly #shortcuts: Shortcuts;
  readonly #cycle = new Cycle();
  readonly #grips = new Map<number, Grip>();
  /** Who got the press of a key gets its release. */
  readonly #receivers = new Map<number, ClientSession>();
  /** By which session a key was heard of that is down: with it, the GUI server forgets whom to tell of the release. */
  readonly #heardBy = new Map<number, object>();
  #focused: ClientSession | undefined;
  #lastId = 0;
  /** When somebody last pressed a key. */
  #typedAt = Number.NEGATIVE_INFINITY;
  readonly #watchers = new Watchers();

  private constructor(env: Env, screen: GuiConnection, area: Rect, config: WmConfig) {
    this.#env = env;
    this.#screen = screen;
    this.#layout = new Layout(area);
    this.#shortcuts = new Shortcuts(config.keys);
    // Where the screen is gone for good, so is this component.
    screen.onPanoramaChange(() => void this.#look().catch(() => {}));
    screen.input.onEvents((events) => {
      for (const event of events) this.#keyboard(event, screen);
    });
  }

  static async open(env: Env, config: WmConfig): Promise<WindowManager> {
    const screen = await env.connect(Gui, { label: screenLabel });
    return new WindowManager(env, screen, (await screen.panorama()).rect, config);
  }

  async #look(): Promise<void> {
    this.#layout.area = (await this.#screen.panorama()).rect;
    this.#apply();
  }

  configure(config: WmConfig): void {
    this.#shortcuts.configure(config.keys);
  }

  /** Opens the session of an application. */
  async openSession(request: SessionRequest<object>): Promise<ClientSession> {
    const session = await ClientSession.open(request, this.#env, this);
    if (request.session.open) this.#sessions.add(session);
    return session;
  }

  /** What is worth keeping of the layout. */
  get document(): LayoutDocument {
    return this.#layout.document();
  }

  /** Where windows that are still to come were. */
  remember(document: LayoutDocument): void {
    this.#layout.remember(document);
  }

  /** The label of who gets the keys, as the GUI server knows it: where no window does, the window manager itself. */
  get focusedLabel(): string {
    return `${this.#env.name} -> ${this.#focused?.label ?? screenLabel}`;
  }

  /** Calls `watcher` when windows have moved, or another one gets the keys. Returns the function that ends it. */
  onChange(watcher: () => void): () => void {
    return this.#watchers.add(watcher);
  }

  get area(): Area {
    return this.#layout.area;
  }

  async open(session: ClientSession, title: string, content: Area): Promise<{ id: number; frame: Uint8Array }> {
    if (this.#windows.size >= mostWindows)
      throw new SessionError("Denied", `Cannot open one more window for "${session.label}": there are ${mostWindows}`);
    const id = ++this.#lastId;
    const decoration = await Decoration.open(this.#env, `frame -> ${id}`, (events) => this.#framed(id, events));
    this.#windows.set(id, { session, decoration, hovered: undefined, shown: undefined });
    const { active } = this.#layout;
    const typing = monotonic() - this.#typedAt < typingPause;
    const behind = typing && active !== undefined && this.#windows.get(active.id)?.session !== session;
    this.#layout.add(id, session.label, title, content, { behind });
    const { windows } = this.#layout;
    // Its frame came up in front of all.
    const inFront = windows.slice(
      0,
      windows.findIndex((window) => window.id === id),
    );
    for (const window of inFront.reverse()) this.#windows.get(window.id)?.decoration.front();
    this.#apply();
    return { id, frame: decoration.token };
  }

  ready(id: number): void {
    this.#renew(id);
  }

  /** Brings all of a window to the screen anew. */
  #renew(id: number): void {
    const managed = this.#windows.get(id);
    if (managed !== undefined) managed.shown = undefined;
    this.#apply();
  }

  resized(id: number, content: Area): void {
    this.#layout.resized(id, content);
    this.#apply();
  }

  retitled(id: number, title: string): void {
    this.#layout.retitled(id, title);
    this.#renew(id);
  }

  closed(id: number): void {
    const managed = this.#windows.get(id);
    if (managed === undefined) return;
    this.#windows.delete(id);
    this.#grips.delete(id);
    this.#silenced(managed);
    this.#layout.remove(id);
    void managed.decoration.close();
    this.#apply();
  }

  wanted(id: number): Area {
    const window = this.#layout.find(id);
    return window === undefined ? this.area : this.#layout.wantedContent(window);
  }

  ended(session: ClientSession): void {
    this.#sessions.delete(session);
    this.#delegates.delete(session);
    this.#silenced(session);
    for (const [key, receiver] of this.#receivers) if (receiver === session) this.#receivers.delete(key);
    if (this.#focused === session) this.#focused = undefined;
  }

  delegated(session: ClientSession, token: Uint8Array): void {
    this.#delegates.set(session, token);
    this.#apply();
  }

  /** Brings to the screen what has changed, and tells who gets the keys. */
  #apply(): void {
    const { active } = this.#layout;
    for (const window of this.#layout.windows) {
      const managed = this.#windows.get(window.id);
      if (managed !== undefined) this.#show(window, managed, active?.id === window.id);
    }
    this.#focus(this.#keeper(active && this.#windows.get(active.id)?.session));
    this.#watchers.tell();
  }

  #show(window: Window, managed: Managed, active: boolean): void {
    const { id, title, label, content, hidden, lie } = window;
    const { session, decoration, shown, hovered } = managed;
    if (hidden) {
      if (shown !== undefined) decoration.show(undefined);
      managed.shown = undefined;
      return;
    }
    const filling = lie === "maximised";
    const frame = this.#layout.frame(window);
    const same =
      shown !== undefined && sameRect(shown.frame, frame) && shown.filling === filling && shown.active === active;
    if (!same) decoration.show({ frame, filling, title, label, active, hovered });
    if (shown?.filling !== filling || shown.content.width !== content.width || shown.content.height !== content.height)
      session.place(id, contentOf(frame, filling));
    managed.shown = { frame, content, filling, active };
    session.sizeWanted(id);
  }

  /** Who gets the keys in place of a session. */
  #keeper(session: ClientSession | undefined): ClientSession | undefined {
    const token = session && this.#delegates.get(session);
    if (token === undefined) return session;
    return [...this.#sessions].find((other) => Buffer.compare(other.token, token) === 0) ?? session;
  }

  #focus(session: ClientSession | undefined): void {
    if (session === this.#focused) return;
    this.#focused?.input.submit({ kind: "focus-leave" });
    this.#focused = session;
    session?.input.submit({ kind: "focus-enter" });
  }

  #activate(id: number): void {
    if (this.#layout.active?.id === id && this.#layout.windows[0]?.id === id) return;
    this.#layout.activate(id);
    this.#windows.get(id)?.decoration.front();
    this.#apply();
  }

  /** What happened in the views of an application. */
  input(session: ClientSession, events: readonly InputEvent[]): void {
    for (const event of events) {
      if (this.#keyboard(event, session)) continue;
      const clicked = event.kind === "press" || event.kind === "touch";
      // Of several windows of one session, the one that was used last.
      const window = clicked && this.#layout.windows.find(({ id }) => session.windows.includes(id));
      if (window) this.#activate(window.id);
      session.input.submit(event);
    }
  }

  /** What happened on the frame of a window. */
  #framed(id: number, events: readonly InputEvent[]): void {
    const managed = this.#windows.get(id);
    if (managed === undefined) return;
    for (const event of events) if (!this.#keyboard(event, managed)) this.#grip(id)?.handle(event);
  }

  #grip(id: number): Grip | undefined {
    const managed = this.#windows.get(id);
    if (managed === undefined) return undefined;
    const known = this.#grips.get(id);
    if (known !== undefined) return known;
    const layout = this.#layout;
    const window = (): Window => layout.find(id) as Window;
    const then = (change: () => void): void => {
      change();
      this.#apply();
    };
    const grip = new Grip({
      get frame() {
        return layout.frame(window());
      },
      get filling() {
        return window().lie === "maximised";
      },
      activate: () => this.#activate(id),
      close: () => this.#close(id),
      maximise: () => then(() => layout.lay(id, "maximised")),
      move: (to) => then(() => layout.move(id, to)),
      resize: (from, edges, by) => then(() => layout.resize(id, from, edges, by)),
      hover: (button) => {
        if (managed.hovered === button) return;
        managed.hovered = button;
        this.#renew(id);
      },
    });
    this.#grips.set(id, grip);
    return grip;
  }

  /** Whatever session hears a key: it is a shortcut, or for who has the focus. False: it is no key. */
  #keyboard(event: InputEvent, by: object): boolean {
    switch (event.kind) {
      // Who has the focus is decided here.
      case "focus-enter":
      case "focus-leave":
        return true;
      case "axis":
        this.#focused?.input.submit(event);
        return true;
      case "press":
      case "release":
        if (points(event.key)) return false;
        if (event.kind === "press" && event.key === 0) this.#focused?.input.submit(event);
        else {
          this.#typedAt = monotonic();
          if (event.kind === "press") this.#heardBy.set(event.key, by);
          else this.#heardBy.delete(event.key);
          this.#key(event);
        }
        return true;
      default:
        return false;
    }
  }

  /** What was heard by a session that is gone counts as released. */
  #silenced(by: object): void {
    for (const [key, heardBy] of [...this.#heardBy]) {
      if (heardBy !== by) continue;
      this.#heardBy.delete(key);
      this.#key({ kind: "release", key });
    }
  }

  #key(event: InputEvent & { readonly kind: "press" | "release" }): void {
    const taken = this.#shortcuts.take(event, (action) => this.#act(action));
    if (event.kind === "release" && !this.#shortcuts.holds("next")) this.#cycle.end();
    if (taken) return;
    if (event.kind === "press") {
      if (this.#focused === undefined) return;
      this.#receivers.set(event.key, this.#focused);
      this.#focused.input.submit(event);
    } else {
      this.#receivers.get(event.key)?.input.submit(event);
      this.#receivers.delete(event.key);
    }
  }

  #act(action: Action): void {
    if (action === "next" || action === "previous") {
      const { windows } = this.#layout;
      const inOrder = [...windows.filter(({ hidden }) => !hidden), ...windows.filter(({ hidden }) => hidden)];
      const next = this.#cycle.step(
        inOrder.map(({ id }) => id),
        action === "previous",
      );
      if (next !== undefined) this.#activate(next);
      return;
    }
    const { active } = this.#layout;
    if (active === undefined) return;
    if (action === "close") return this.#close(active.id);
    if (action !== "restore") this.#layout.lay(active.id, action === "maximise" ? "maximised" : action);
    else if (active.lie !== "normal") this.#layout.lay(active.id, active.lie);
    this.#apply();
  }

  /**
   * Puts a window out of sight, and tells its application by a key. What runs is not for the window manager to say: an
   * application that goes on has its window back by the keys that go through all of them.
   */
  #close(id: number): void {
    const managed = this.#windows.get(id);
    if (managed === undefined) return;
    this.#layout.hide(id);
    managed.session.input.submit({ kind: "press", key: closeKey }, { kind: "release", key: closeKey });
    this.#apply();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.#windows.keys()]) this.closed(id);
    await this.#screen.close();
  }
}
