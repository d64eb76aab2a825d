/** A view, as its client remembers it, so that a new server learns of it. */
import type { Point, Rect } from "../geometry/geometry.generated.js";
import type { ViewsCommand } from "./gui.generated.js";

/** What a view asks of its connection. */
export interface ViewKeeper {
  enqueue(command: ViewsCommand): void;
  /** Moves the view in the order of the client's views: in front of or behind a neighbour, or all. */
  reorder(view: GuiView, place: "front" | "back", neighbour?: GuiView): void;
  title(view: GuiView, title: string): Promise<void>;
  token(view: GuiView): Promise<Uint8Array>;
  destroy(view: GuiView): Promise<void>;
}

/**
 * Shows the connection's buffer somewhere on the screen. Changes are carried out together, at the end of the current
 * turn or by `GuiConnection.execute`.
 */
export class GuiView {
  readonly id: number;
  /** The view that it lies in. */
  readonly parent: GuiView | undefined;
  readonly #keeper: ViewKeeper;
  #rect: Rect;
  #offset: Point = { x: 0, y: 0 };
  #title: string;
  #background = false;

  constructor(keeper: ViewKeeper, id: number, parent: GuiView | undefined, title: string, rect: Rect) {
    this.#keeper = keeper;
    this.id = id;
    this.parent = parent;
    this.#title = title;
    this.#rect = rect;
  }

  get rect(): Rect {
    return this.#rect;
  }

  /** Place and size, on the screen or relative to the parent. */
  geometry(rect: Rect): void {
    this.#rect = rect;
    this.#keeper.enqueue({ kind: "geometry", value: { view: this.id, rect } });
  }

  /** Where the buffer's top left lies, from the view's. */
  offset(offset: Point): void {
    this.#offset = offset;
    this.#keeper.enqueue({ kind: "offset", value: { view: this.id, offset } });
  }

  /** In front of this client's others, or of one of them. */
  front(neighbour?: GuiView): void {
    this.#keeper.reorder(this, "front", neighbour);
    this.#keeper.enqueue(
      neighbour === undefined
        ? { kind: "front", value: this.id }
        : { kind: "frontOf", value: { view: this.id, neighbour: neighbour.id } },
    );
  }

  /** Behind this client's others, or behind one of them. */
  back(neighbour?: GuiView): void {
    this.#keeper.reorder(this, "back", neighbour);
    this.#keeper.enqueue(
      neighbour === undefined
        ? { kind: "back", value: this.id }
        : { kind: "behindOf", value: { view: this.id, neighbour: neighbour.id } },
    );
  }

  /** Makes it the background of its domain: behind everything there, for good. */
  background(): void {
    this.#background = true;
    this.#keeper.enqueue({ kind: "background", value: this.id });
  }

  async title(title: string): Promise<void> {
    this.#title = title;
    await this.#keeper.title(this, title);
  }

  /** What names the view to others, such as a window manager. Another one after a restart of the server. */
  token(): Promise<Uint8Array> {
    return this.#keeper.token(this);
  }

  destroy(): Promise<void> {
    return this.#keeper.destroy(this);
  }

  /** What a new server has to be told. */
  get state(): { readonly rect: Rect; readonly title: string; readonly commands: readonly ViewsCommand[] } {
    const { x, y } = this.#offset;
    const commands: ViewsCommand[] = [];
    if (x !== 0 || y !== 0) commands.push({ kind: "offset", value: { view: this.id, offset: this.#offset } });
    if (this.#background) commands.push({ kind: "background", value: this.id });
    return { rect: this.#rect, title: this.#title, commands };
  }
}
