/** One client: its buffer, its views and its input. */
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import type { PixelBuffer } from "../../lib/pixel-buffer.js";
import { moved } from "../../lib/rectangle.js";
import { type FramebufferBlit, type FramebufferMode, FramebufferSession } from "../../sessions/framebuffer/index.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { type GuiHandlers, GuiInterface, type ViewsCommand, type ViewsDisplay } from "../../sessions/gui/index.js";
import { InputSession } from "../../sessions/input/index.js";
import type { Domain } from "./domain.js";
import type { Screen } from "./screen.js";
import type { Tokens } from "./tokens.js";
import { View, type ViewOwner } from "./view.js";

/** What a client's donation pays for a view, or a number of somebody else's. */
const viewBytes = 1024;
/** Views in views. */
const deepest = 15;
const panoramaChanged = GuiInterface.signals.indexOf("panoramaChanged");

/** What all clients have in common. */
export interface Desktop {
  readonly screen: Screen;
  readonly views: Tokens<View>;
  readonly sessions: Tokens<GuiSession>;
  /** Whether the client wants motion without a pointer. */
  exclusive(session: GuiSession, enabled: boolean): void;
  /** The client gives its focus to somebody else from now on. */
  delegated(session: GuiSession): void;
  closed(session: GuiSession): void;
}

export class GuiSession implements GuiHandlers, ViewOwner {
  readonly #request: SessionRequest<object>;
  readonly #desktop: Desktop;
  #domain: Domain;
  readonly framebuffer: FramebufferSession;
  readonly input: InputSession;
  /** By the numbers that the client has given them; those of others are among them. */
  readonly #views = new Map<number, View>();
  /** Who gets the focus instead. */
  #focus: Uint8Array | undefined;

  private constructor(request: SessionRequest<object>, desktop: Desktop, domain: Domain, input: InputSession) {
    this.#request = request;
    this.#desktop = desktop;
    this.#domain = domain;
    this.input = input;
    const { stack } = desktop.screen.scene;
    this.framebuffer = new FramebufferSession(request, {
      refreshed: (rect) => stack.refreshed(this, rect),
      replaced: () => stack.replaced(this),
      copy: (buffer, from, to) => copy(buffer, from, to),
    });
    desktop.screen.add(this);
  }

  static async open(request: SessionRequest<object>, desktop: Desktop, domain: Domain): Promise<GuiSession> {
    let session: GuiSession | undefined;
    const input = await InputSession.open(request, {
      onExclusive: (enabled) => session && desktop.exclusive(session, enabled),
    });
    session = new GuiSession(request, desktop, domain, input);
    return session;
  }

  get label(): string {
    return this.#request.label;
  }

  get domain(): Domain {
    return this.#domain;
  }

  /** Another domain, or the same with other rules; who calls it has the screen arranged. */
  assign(domain: Domain): void {
    this.#domain = domain;
  }

  /** Ends the session: its client is no longer permitted. */
  end(): void {
    this.#request.session.close();
  }

  /** The token of who gets the focus instead of this client. */
  get delegate(): Uint8Array | undefined {
    return this.#focus;
  }

  panoramaChanged(): void {
    this.#request.session.raise(panoramaChanged);
  }

  #own(id: number): View {
    const view = this.#views.get(id);
    if (view === undefined || view.owner !== this)
      throw new SessionError("NoView", `There is no view ${id} of this client`);
    return view;
  }

  /** A number for one more view. */
  #number(id: number): void {
    if (this.#views.has(id)) throw new SessionError("ViewExists", `The number ${id} names a view already`);
    if ((this.#views.size + 1) * viewBytes > this.#request.quota.ram)
      throw new SessionError("InsufficientRam", `${this.#views.size + 1} views need a larger donation`, {
        bytes: 8 * viewBytes,
      });
  }

  view(id: number, title: string, rect: Rect, front: boolean): void {
    this.#number(id);
    const view = new View(this, undefined, title, rect);
    this.#views.set(id, view);
    this.#desktop.screen.scene.stack.add(view, front);
  }

  childView(id: number, parent: number, title: string, rect: Rect, front: boolean): void {
    this.#number(id);
    const within = this.#views.get(parent);
    if (within === undefined) throw new SessionError("NoView", `There is no view ${parent} to be the parent of one`);
    if (within.depth >= deepest)
      throw new SessionError("InvalidArgument", `Views lie in at most ${deepest} others, and ${parent} does already`);
    const view = new View(this, within, title, rect);
    this.#views.set(id, view);
    this.#desktop.screen.scene.stack.add(view, front);
  }

  destroyView(id: number): void {
    const view = this.#views.get(id);
    this.#views.delete(id);
    if (view?.owner !== this) return;
    this.#desktop.views.forget(view);
    this.#desktop.screen.scene.stack.remove(view);
  }

  title(id: number, title: string): void {
    const view = this.#own(id);
    const { scene } = this.#desktop.screen;
    // Its label has another width.
    scene.stack.change(view, () => {
      view.title = title;
    });
    scene.stripChanged();
  }

  viewToken(id: number): Uint8Array {
    return this.#desktop.views.of(this.#own(id));
  }

  associate(id: number, token: Uint8Array): void {
    this.#number(id);
    const view = this.#desktop.views.named(token);
    if (view === undefined) throw new SessionError("NoView", "That token names no view");
    this.#views.set(id, view);
  }

  releaseViewId(id: number): void {
    if (this.#views.get(id)?.owner === this) this.destroyView(id);
    else this.#views.delete(id);
  }

  execute(commands: readonly ViewsCommand[]): void {
    for (const command of commands) this.#execute(command);
  }

  #execute(command: ViewsCommand): void {
    const { stack } = this.#desktop.screen.scene;
    const of = (id: number): View | undefined => {
      const view = this.#views.get(id);
      return view?.owner === this ? view : undefined;
    };
    const { kind, value } = command;
    switch (kind) {
      case "geometry": {
        const view = of(value.view);
        if (view !== undefined)
          stack.change(view, () => {
            view.rect = value.rect;
          });
        return;
      }
      case "offset": {
        const view = of(value.view);
        if (view !== undefined)
          stack.change(view, () => {
            view.offset = value.offset;
          });
        return;
      }
      case "front":
      case "back": {
        const view = of(value);
        if (view !== undefined) stack.order(view, kind);
        return;
      }
      case "frontOf":
      case "behindOf": {
        const view = of(value.view);
        // A neighbour may be anybody's whom the client was told of.
        const neighbour = this.#views.get(value.neighbour);
        if (view !== undefined && neighbour !== undefined)
          stack.order(view, kind === "frontOf" ? "front" : "back", neighbour);
        return;
      }
      case "background": {
        const view = of(value);
        if (view === undefined) return;
        stack.change(view, () => {
          view.background = true;
        });
        stack.order(view, "back");
      }
    }
  }

  buffer(area: Area, alpha: boolean): Promise<void> {
    return this.framebuffer.resize(area, alpha);
  }

  sessionToken(): Uint8Array {
    return this.#desktop.sessions.of(this);
  }

  focus(token: Uint8Array): void {
    this.#focus = token;
    this.#desktop.delegated(this);
  }

  /** The screen and its displays as the client's coordinates see them: its domain is all that there is. */
  panorama(): { readonly rect: Rect; readonly displays: readonly ViewsDisplay[] } {
    const { screen } = this.#desktop;
    const { desk } = screen.scene;
    const none = { x: 0, y: 0 };
    const area = this.domain.area(desk, none);
    const origin = this.domain.config.origin === "pointer" ? none : this.domain.origin(desk, none);
    const back = { x: -origin.x, y: -origin.y };
    return {
      rect: moved(area, back),
      displays: screen.displays.map((display) => ({ ...display, rect: moved(display.rect, back) })),
    };
  }

  mode(): FramebufferMode {
    return this.framebuffer.mode();
  }

  dataspace(): Capability {
    return this.framebuffer.dataspace();
  }

  refresh(rect: Rect): void {
    this.framebuffer.refresh(rect);
  }

  blit(blits: readonly FramebufferBlit[]): boolean {
    return this.framebuffer.blit(blits);
  }

  panning(point: Point): void {
    this.framebuffer.panning(point);
  }

  syncSource(label: string): void {
    this.framebuffer.syncSource(label);
  }

  events(): Capability {
    return this.input.events();
  }

  pending(): boolean {
    return this.input.pending();
  }

  flush(): number {
    return this.input.flush();
  }

  exclusive(enabled: boolean): void {
    this.input.exclusive(enabled);
  }

  close(): void {
    const { screen, views, sessions } = this.#desktop;
    for (const view of this.#views.values()) {
      if (view.owner !== this) continue;
      views.forget(view);
      screen.scene.stack.remove(view);
    }
    this.#views.clear();
    sessions.forget(this);
    screen.remove(this);
    this.framebuffer.close();
    this.#desktop.closed(this);
  }
}

function copy({ area, pixels, opacity, inputMask }: PixelBuffer, from: Rect, to: Point): void {
  for (let line = 0; line < from.height; line += 1) {
    const source = (from.y + line) * area.width + from.x;
    const target = (to.y + line) * area.width + to.x;
    for (const plane of [pixels, opacity, inputMask]) plane?.copyWithin(target, source, source + from.width);
  }
}
