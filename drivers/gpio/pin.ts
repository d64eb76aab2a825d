/**
 * A pin of the configuration: one line, which all its sessions share. It is taken from the kernel with the first session
 * and given back with the last; only while somebody drives it is it an output.
 */
import { errorMessage, SessionError } from "../../base/errors.js";
import type { GpioEdge, GpioEdges, GpioSettings } from "../../bindings/gpio.js";
import type { Line, LineListener } from "./chip.js";
import type { Place } from "./chips.js";
import type { PinConfig } from "./config.js";

/** One who sees the pin's edges. */
export interface Viewer {
  readonly edges: GpioEdges;
  /** `lost`: edges right before this one that the kernel dropped. */
  edge(edge: GpioEdge, lost: number): void;
}

export interface PinOptions {
  readonly name: string;
  readonly config: PinConfig;
  readonly place: Place;
  /** The chip was unplugged. */
  readonly gone: () => void;
}

/** What the kernel says of a line that has no interrupt, and of one that cannot be set so. */
const notPossible = new Set(["ENODEV", "ENXIO", "EINVAL", "EOPNOTSUPP"]);

export class Pin implements LineListener {
  readonly #options: PinOptions;
  readonly #viewers = new Set<Viewer>();
  #controlled = false;
  /** What is driven; undefined: nothing. */
  #driven: boolean | undefined;
  #line: Line | undefined;
  /** Of the last edge. */
  #number = 0;

  constructor(options: PinOptions) {
    this.#options = options;
  }

  get config(): PinConfig {
    return this.#options.config;
  }

  get place(): Place {
    return this.#options.place;
  }

  get used(): boolean {
    return this.#viewers.size > 0 || this.#controlled;
  }

  #settings(edges: GpioEdges): GpioSettings {
    const { activeLow, bias, drive, debounce } = this.config;
    const common = { activeLow, bias, drive, debounce: Math.round(debounce * 1000) };
    if (this.#driven === undefined) return { ...common, direction: "input", active: false, edges };
    return { ...common, direction: "output", active: this.#driven, edges: "none" };
  }

  /** The edges that somebody wants. */
  get #wanted(): GpioEdges {
    const kinds = new Set([...this.#viewers].map(({ edges }) => edges));
    const both = kinds.has("both") || (kinds.has("rising") && kinds.has("falling"));
    return both ? "both" : kinds.has("rising") ? "rising" : kinds.has("falling") ? "falling" : "none";
  }

  /** Brings the line into the state that the sessions want. @throws what the kernel answers */
  #apply(): void {
    const { chip, line } = this.place;
    const settings = this.#settings(this.#wanted);
    if (this.#line === undefined) {
      this.#number = 0;
      this.#line = chip.open(line, settings, this);
    } else this.#line.configure(settings);
  }

  #failure(error: unknown): SessionError {
    const { name, place } = this.#options;
    return new SessionError(
      "Device",
      `Cannot use pin "${name}", line ${place.line} of ${place.chip.description}: ${errorMessage(error)}`,
    );
  }

  /** Does something with the line. A chip that was unplugged fails like any other, and then its sessions end. */
  #try<Result>(act: () => Result): Result {
    try {
      return act();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENODEV") queueMicrotask(() => this.gone());
      throw this.#failure(error);
    }
  }

  /** @throws SessionError `Device` */
  addViewer(viewer: Viewer): void {
    this.#viewers.add(viewer);
    if (this.#line !== undefined) return;
    try {
      this.#try(() => this.#apply());
    } catch (error) {
      this.#viewers.delete(viewer);
      throw error;
    }
  }

  /** After another choice of edges; `undo` takes it back. @throws SessionError `Unsupported`, `Device` */
  edgesChanged(undo: () => void): void {
    try {
      if (this.config.direction === "output" && this.#wanted !== "none")
        throw new SessionError("Unsupported", `Pin "${this.#options.name}" tells no edges: it is an output`);
      this.#apply();
    } catch (error) {
      const wanted = this.#wanted;
      undo();
      if (error instanceof SessionError) throw error;
      this.#try(() => this.#apply());
      if (wanted !== "none" && notPossible.has((error as NodeJS.ErrnoException).code ?? ""))
        throw new SessionError(
          "Unsupported",
          `Pin "${this.#options.name}" tells no edges: its chip has no interrupt for the line (${errorMessage(error)})`,
        );
      throw this.#failure(error);
    }
  }

  removeViewer(viewer: Viewer): void {
    if (this.#viewers.delete(viewer)) this.#leave();
  }

  /** @throws SessionError `Denied`: it may not be driven, or somebody drives it; `Device` */
  control(): void {
    const { name, config } = this.#options;
    if (config.direction !== "output")
      throw new SessionError(
        "Denied",
        `Cannot drive pin "${name}": it is an input; set its "direction" to "output" where the board is wired for it`,
      );
    if (this.#controlled)
      throw new SessionError("Denied", `Cannot drive pin "${name}": another PinControl session has it`);
    this.#controlled = true;
    if (this.#line !== undefined) return;
    try {
      this.#try(() => this.#apply());
    } catch (error) {
      this.#controlled = false;
      throw error;
    }
  }

  /** Drives the pin; `undefined`: no more. @throws SessionError `Device` */
  drive(active: boolean | undefined): void {
    const driving = this.#driven !== undefined;
    this.#driven = active;
    this.#try(() => {
      if (driving && active !== undefined) this.#line?.drive(active);
      else this.#apply();
    });
  }

  release(): void {
    this.#controlled = false;
    this.#driven = undefined;
    this.#leave();
  }

  /** A session ended. */
  #leave(): void {
    if (this.#line === undefined) return;
    try {
      // Also before it is given back: the kernel leaves a line as it was.
      this.#apply();
    } catch (error) {
      console.error(this.#failure(error).message);
    }
    if (!this.used) this.close();
  }

  active(): boolean {
    return this.#try(() => this.#line?.active() ?? false);
  }

  edge(edge: GpioEdge): void {
    const lost = Math.max(0, edge.number - this.#number - 1);
    this.#number = edge.number;
    for (const viewer of this.#viewers)
      if (viewer.edges === "both" || viewer.edges === (edge.rising ? "rising" : "falling")) viewer.edge(edge, lost);
  }

  gone(): void {
    this.close();
    this.#options.gone();
  }

  close(): void {
    this.#line?.close();
    this.#line = undefined;
  }
}
