/**
 * A component's whole world: what its parent routes to it, and nothing else.
 */
import { Dataspace } from "./dataspace.js";
import { type Flowing, reportFlow } from "./flow.js";
import type { Interface } from "./interface.js";
import { Parent, type ParentClient, type ParentFlow } from "./parent/parent.generated.js";
import { RpcClient } from "./rpc-client.js";
import { type SessionFactory, SessionRequests } from "./server.js";
import { Session, type SessionOptions, type SessionType } from "./session.js";
import type { Start } from "./start.js";

/** A dataspace out of this component's RAM quota. Closing it gives the quota back. */
export class OwnedDataspace {
  readonly dataspace: Dataspace;
  readonly #env: Env;
  readonly #id: number;

  constructor(env: Env, id: number, dataspace: Dataspace) {
    this.#env = env;
    this.#id = id;
    this.dataspace = dataspace;
  }

  /** Unmaps and frees it. The pages return to the kernel even if a peer keeps the memory mapped. */
  close(): void {
    this.dataspace.close({ discard: true });
    this.#env.parent.free(this.#id).catch(() => {});
  }
}

export class Env {
  /** The component's name among its siblings. */
  readonly name: string;
  /** Its full label, for people. */
  readonly label: string;
  /** The parent interface, for what the methods below do not cover. */
  readonly parent: ParentClient;
  /** The sessions that this component has as a client. */
  readonly sessions = new Set<Flowing>();
  readonly #rpc: RpcClient;
  readonly #requests: SessionRequests;
  readonly #whenResources: (() => void)[] = [];
  /** More was granted while nobody waited for it. */
  #unseenGrant = false;
  #onResources: (() => void | Promise<void>) | undefined;
  #forwardedFlow: (() => Promise<readonly ParentFlow[]>) | undefined;

  constructor(start: Start, options: { readonly onParentGone: () => void } = { onParentGone: () => process.exit(0) }) {
    this.name = start.message.name;
    this.label = start.message.label;
    this.#rpc = new RpcClient(start.parent, "the parent");
    this.parent = Parent.client(this.#rpc.port());
    this.#requests = new SessionRequests(this);
    this.#rpc.onSignal(Parent.signals.indexOf("heartbeat"), () => void this.parent.heartbeatResponse().catch(() => {}));
    this.#rpc.onSignal(Parent.signals.indexOf("resourcesAvailable"), () => {
      this.#unseenGrant = this.#whenResources.length === 0;
      for (const wake of this.#whenResources.splice(0)) wake();
      void this.#onResources?.();
    });
    this.#rpc.onSignal(Parent.signals.indexOf("flowWanted"), () => void this.#reportFlow().catch(() => {}));
    // Without its parent a component is nothing: no name service, no quota, nobody to restart it.
    this.#rpc.onClosed(options.onParentGone);
  }

  async #reportFlow(): Promise<void> {
    await reportFlow(this.parent, this.sessions, (await this.#forwardedFlow?.()) ?? []);
  }

  /** Of a component that opens sessions at the parent for others: how it finds out what goes through those. */
  onFlowWanted(forwarded: () => Promise<readonly ParentFlow[]>): void {
    this.#forwardedFlow = forwarded;
  }

  /** Opens a session. Where it leads is the parent's decision. */
  connect<Options, Connection>(
    type: SessionType<Options, Connection>,
    ...options: Partial<Options> extends Options ? [options?: Options] : [options: Options]
  ): Promise<Connection> {
    return type.open(this, options[0] ?? ({} as Options));
  }

  /** Opens a bare session of an interface; connections of sessions/ build on it. */
  session<Client, Handlers, Args extends object>(
    served: Interface<Client, Handlers, Args>,
    args: Partial<Args>,
    options: SessionOptions,
  ): Promise<Session<Client, Handlers, Args>> {
    return Session.open(this, served, args, options);
  }

  /** Offers a service; `factory` makes the handlers of each session, or refuses by throwing. */
  announce<Client, Handlers, Args extends object>(
    served: Interface<Client, Handlers, Args>,
    factory: SessionFactory<Handlers, Args>,
  ): Promise<void> {
    return this.#requests.announce(served, factory);
  }

  /** Makes a dataspace of at least `bytes` bytes, mapped writable here. Throws `OutOfRam` or `OutOfCaps`. */
  async alloc(bytes: number): Promise<OwnedDataspace> {
    const { dataspace, id } = await this.parent.alloc(bytes, 0);
    return new OwnedDataspace(this, id, Dataspace.of(dataspace, { writable: true }));
  }

  /**
   * Asks the parent for more quota and waits until it granted some. What was granted since the last call counts: the
   * grant may have come between the failure that led here and this call. So whoever needs a certain amount tries again
   * after each call.
   */
  async requestResources(amount: { ram?: number; caps?: number }): Promise<void> {
    if (this.#unseenGrant) {
      this.#unseenGrant = false;
      return;
    }
    const granted = new Promise<void>((resolve) => this.#whenResources.push(resolve));
    await this.parent.resourceRequest(amount.ram ?? 0, amount.caps ?? 0);
    await granted;
  }

  /** Calls `handler` whenever the parent has granted more quota. */
  onResources(handler: () => void | Promise<void>): void {
    this.#onResources = handler;
  }

  /**
   * Calls `handler` when the parent wants resources back; it should free what it can. Zero is wanted when the parent took
   * what was not in use, and needs nothing more.
   */
  onYieldRequest(handler: (wanted: { ram: number; caps: number }) => void | Promise<void>): void {
    this.#rpc.onSignal(Parent.signals.indexOf("yieldRequested"), () => {
      void (async () => {
        await handler(await this.parent.yieldRequest());
        await this.parent.yieldResponse();
      })();
    });
  }

  /** Calls `handler` when a session that was denied may be granted now. */
  onRoutesChanged(handler: () => void): void {
    this.#rpc.onSignal(Parent.signals.indexOf("routesChanged"), handler);
  }

  /** Tells the parent that this component is done. */
  async exit(value: number): Promise<never> {
    await this.parent.exit(value).catch(() => {});
    return new Promise(() => {});
  }

  toString(): string {
    return `env of "${this.label}"`;
  }
}
