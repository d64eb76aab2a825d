/** The sessions of a pin. */
import type { RpcServer } from "../../base/rpc-server.js";
import type { GpioEdge, GpioEdges } from "../../bindings/gpio.js";
import type { PinControlHandlers } from "../../sessions/pin-control/index.js";
import {
  type PinStateEdge,
  PinStateEdges,
  type PinStateHandlers,
  PinStateInterface,
} from "../../sessions/pin-state/index.js";
import type { Pin, Viewer } from "./pin.js";

const edgesWaiting = PinStateInterface.signals.indexOf("edgesWaiting");
/** Edges that one answer carries. */
const edgesTaken = 48;
/** Edges that wait for a session; then the oldest go. */
const edgesKept = 512;

const kindOf = new Map<PinStateEdges, GpioEdges>(
  (Object.keys(PinStateEdges) as GpioEdges[]).map((name) => [PinStateEdges[name], name]),
);

export class PinStateSession implements PinStateHandlers, Viewer {
  readonly #pin: Pin;
  readonly #channel: RpcServer;
  readonly #waiting: PinStateEdge[] = [];
  edges: GpioEdges = "none";

  constructor(pin: Pin, channel: RpcServer) {
    this.#pin = pin;
    this.#channel = channel;
    pin.addViewer(this);
  }

  state(): boolean {
    return this.#pin.active();
  }

  watch(edges: PinStateEdges): void {
    const before = this.edges;
    this.edges = kindOf.get(edges) ?? "none";
    this.#pin.edgesChanged(() => {
      this.edges = before;
    });
    this.#waiting.length = 0;
  }

  takeEdges(): readonly PinStateEdge[] {
    return this.#waiting.splice(0, edgesTaken);
  }

  edge({ time, rising }: GpioEdge, lost: number): void {
    this.#waiting.push({ time, rising, lost });
    if (this.#waiting.length > edgesKept) {
      const dropped = (this.#waiting.shift()?.lost ?? 0) + 1;
      const [next] = this.#waiting;
      if (next !== undefined) this.#waiting[0] = { ...next, lost: next.lost + dropped };
    }
    if (this.#waiting.length === 1) this.#channel.raise(edgesWaiting);
  }

  close(): void {
    this.#pin.removeViewer(this);
  }
}

export class PinControlSession implements PinControlHandlers {
  readonly #pin: Pin;

  constructor(pin: Pin) {
    this.#pin = pin;
    pin.control();
  }

  state(active: boolean): void {
    this.#pin.drive(active);
  }

  yield(): void {
    this.#pin.drive(undefined);
  }

  close(): void {
    this.#pin.release();
  }
}
