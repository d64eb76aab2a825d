/** The client half of Gui: a buffer, views of it, and the input that is meant for them. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { type PixelBuffer, pixelBufferBytes } from "../../lib/pixel-buffer.js";
import { untilAnswered } from "../../lib/repetition.js";
import { Watchers } from "../../lib/watchers.js";
import { FramebufferConnection, type FramebufferPort } from "../framebuffer/framebuffer-connection.js";
import type { Area, Rect } from "../geometry/geometry.generated.js";
import { InputConnection, type InputPort } from "../input/input-connection.js";
import {
  type GuiArgs,
  type GuiClient,
  type GuiHandlers,
  Gui as GuiInterface,
  type ViewsCommand,
  type ViewsDisplay,
  viewsMaxCommands,
} from "./gui.generated.js";
import { GuiView } from "./gui-view.js";

export type GuiOptions = SessionOptions;

export interface ViewOptions {
  readonly rect: Rect;
  readonly title?: string;
  /** In front of this client's other views, or behind them. True unless told otherwise. */
  readonly front?: boolean;
  /** The view that it lies in, and moves with; its place counts from there. */
  readonly parent?: GuiView;
}

/** What is added to the donation when the server lacks some. */
const upgradeBytes = 8192;
/** How often a server may ask for more before that counts as a refusal. */
const mostUpgrades = 8;

/**
 * Windows on a screen. A {@link FramebufferConnection} whose buffer this client makes itself, with its views and input.
 *
 * When the server restarts, buffer and views are made anew. Views that somebody else's token named are gone with the
 * token, and so are their children: {@link onForgotten} tells.
 */
export class GuiConnection extends FramebufferConnection {
  readonly #session: Session<GuiClient, GuiHandlers, GuiArgs>;
  readonly input: InputConnection;
  /** From the front to the back. Parents of views need not stand before them. */
  #views: GuiView[] = [];
  /** Those of others, by a token. */
  readonly #foreign = new Set<GuiView>();
  #nextId = 1;
  #mode: { readonly area: Area; readonly alpha: boolean } | undefined;
  #focus: Uint8Array | undefined;
  #commands: ViewsCommand[] = [];
  #executing: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** Pending while a new server is being told of the old state. */
  #restoring: Promise<void> | undefined;
  readonly #panoramaWatchers = new Watchers();
  readonly #forgottenWatchers = new Watchers();

  constructor(session: Session<GuiClient, GuiHandlers, GuiArgs>) {
    // A Gui session is a Framebuffer session, and an Input session, with more operations.
    super(session as unknown as FramebufferPort);
    this.#session = session;
    this.input = new InputConnection(session as unknown as InputPort);
    session.onSignal("panoramaChanged", () => this.#panoramaWatchers.tell());
    session.onReopened(() => this.#panoramaWatchers.tell());
  }

  /**
   * Makes another buffer and maps it; the one before stays visible until the first refresh of this one.
   * @throws SessionError `OutOfRam` when this component's quota does not cover it
   */
  makeBuffer(area: Area, { alpha = false }: { readonly alpha?: boolean } = {}): Promise<PixelBuffer> {
    return this.#inTurn(async () => {
      await this.#paid(() => this.#session.client.buffer(area, alpha), pixelBufferBytes({ area, alpha }));
      this.#mode = { area, alpha };
      return this.map();
    });
  }

  /** A view of the buffer. */
  view(options: ViewOptions): Promise<GuiView> {
    const { title = "", rect, parent, front = true } = options;
    return this.#inTurn(async () => {
      const view = new GuiView(this.#keeper, this.#nextId++, parent, title, rect);
      await this.#paid(() => this.#make(view, front));
      if (front) this.#views.unshift(view);
      else this.#views.push(view);
      return view;
    });
  }

  /** A number for a view of somebody else's, as a parent of views. @throws SessionError `NoView` */
  associate(token: Uint8Array): Promise<GuiView> {
    return this.#inTurn(async () => {
      const view = new GuiView(this.#keeper, this.#nextId++, undefined, "", { x: 0, y: 0, width: 0, height: 0 });
      await this.#paid(() => this.#session.client.associate(view.id, token));
      this.#foreign.add(view);
      return view;
    });
  }

  async #make(view: GuiView, front: boolean): Promise<void> {
    const { client } = this.#session;
    const { rect, title, commands } = view.state;
    if (view.parent === undefined) await client.view(view.id, title, rect, front);
    else await client.childView(view.id, view.parent.id, title, rect, front);
    if (commands.length > 0) await client.execute(commands);
  }

  readonly #keeper = {
    enqueue: (command: ViewsCommand): void => {
      this.#commands.push(command);
      if (this.#executing === undefined) this.execute().catch(() => {});
    },
    reorder: (view: GuiView, place: "front" | "back", neighbour?: GuiView): void => {
      const others = this.#views.filter((other) => other !== view);
      const beside = neighbour === undefined ? -1 : others.indexOf(neighbour);
      if (place === "front") others.splice(Math.max(beside, 0), 0, view);
      else others.splice(beside < 0 ? others.length : beside + 1, 0, view);
      this.#views = others;
    },
    title: (view: GuiView, title: string): Promise<void> =>
      this.#inTurn(() => this.#session.client.title(view.id, title)),
    token: (view: GuiView): Promise<Uint8Array> => this.#inTurn(() => this.#session.client.viewToken(view.id)),
    destroy: async (view: GuiView): Promise<void> => {
      this.#views = this.#views.filter((other) => other !== view);
      await this.#inTurn(async () => {
        if (this.#foreign.delete(view)) await this.#session.client.releaseViewId(view.id);
        else await this.#session.client.destroyView(view.id);
      });
    },
  };

  /** Carries out what was asked of views so far; resolves when it is done. Without it, that happens at the end of the turn. */
  execute(): Promise<void> {
    this.#executing ??= this.#inTurn(async () => {
      this.#executing = undefined;
      const commands = this.#commands.splice(0);
      // With a server that died the views' own state tells a new one, so what is left out here is not lost.
      for (let first = 0; first < commands.length; first += viewsMaxCommands)
        await this.#session.client.execute(commands.slice(first, first + viewsMaxCommands));
    });
    return this.#executing;
  }

  /** What names this session to others, which may give it their focus. Another one after a restart of the server. */
  token(): Promise<Uint8Array> {
    return this.#inTurn(() => this.#session.client.sessionToken());
  }

  /** Whoever has that token gets the focus when this client would. */
  async focus(token: Uint8Array): Promise<void> {
    this.#focus = token;
    await this.#inTurn(() => this.#session.client.focus(token));
  }

  /** The whole screen, and the displays that show parts of it. */
  panorama(): Promise<{ readonly rect: Rect; readonly displays: readonly ViewsDisplay[] }> {
    return untilAnswered(this.#session, () => this.#session.client.panorama());
  }

  /** Calls `watcher` when {@link panorama} may have changed. Returns the function that ends it. */
  onPanoramaChange(watcher: () => void): () => void {
    return this.#panoramaWatchers.add(watcher);
  }

  /** Calls `watcher` when the server restarted and all tokens, ours and those of others, mean nothing any more. */
  onForgotten(watcher: () => void): () => void {
    return this.#forgottenWatchers.add(watcher);
  }

  /** One operation after another, each repeated with a new server when the old one died meanwhile. */
  #inTurn<Result>(operation: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() =>
      untilAnswered(this.#session, async () => {
        await this.#restoring;
        return operation();
      }),
    );
    this.#last = result.catch(() => {});
    return result;
  }

  /** Repeats the operation with a larger donation for as long as the server lacks some. */
  async #paid<Result>(operation: () => Promise<Result>, bytes = upgradeBytes): Promise<Result> {
    for (let upgrades = 0; ; upgrades += 1) {
      try {
        return await operation();
      } catch (error) {
        if (!(error instanceof SessionError) || upgrades === mostUpgrades) throw error;
        if (error.code === "InsufficientRam")
          await this.#session.upgrade({ ram: Number(error.detail?.["bytes"] ?? bytes) });
        else if (error.code === "InsufficientCaps") await this.#session.upgrade({ caps: 2 });
        else throw error;
      }
    }
  }

  protected override restore(): Promise<void> {
    const restoring = this.#tell();
    this.#restoring = restoring.catch(() => {});
    return restoring;
  }

  async #tell(): Promise<void> {
    const forgotten = this.#foreign.size > 0 || this.#focus !== undefined;
    this.#foreign.clear();
    this.#focus = undefined;
    this.#commands = [];
    if (this.#mode !== undefined) {
      const { area, alpha } = this.#mode;
      await this.#paid(() => this.#session.client.buffer(area, alpha), pixelBufferBytes({ area, alpha }));
    }
    const known = new Set<GuiView>();
    // Parents before their children, and each in front of those told before it.
    const tell = async (view: GuiView): Promise<boolean> => {
      if (known.has(view)) return true;
      if (!this.#views.includes(view) || (view.parent !== undefined && !(await tell(view.parent)))) return false;
      known.add(view);
      await this.#paid(() => this.#make(view, true));
      return true;
    };
    for (const view of [...this.#views].reverse()) await tell(view);
    this.#views = this.#views.filter((view) => known.has(view));
    await super.restore();
    if (forgotten) this.#forgottenWatchers.tell();
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.input.close()]);
  }
}

/** Windows on a screen. */
export const Gui: SessionType<GuiOptions, GuiConnection> = {
  interface: GuiInterface,
  async open(env: Env, options: GuiOptions): Promise<GuiConnection> {
    return new GuiConnection(await env.session(GuiInterface, {}, options));
  },
};
