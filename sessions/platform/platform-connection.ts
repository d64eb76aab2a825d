/** The client half of Platform: what the host grants, as descriptors. */
import { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { CallOptions } from "../../base/interface.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { native } from "../../bindings/native.js";
import { Watchers } from "../../lib/watchers.js";
import {
  type PlatformArgs,
  type PlatformClient,
  type PlatformHandlers,
  Platform as PlatformInterface,
  PlatformKind,
} from "./platform.generated.js";

export type PlatformOptions = SessionOptions;
export type PlatformGrantKind = keyof typeof PlatformKind;

const kindNames = new Map<number, PlatformGrantKind>(
  (Object.keys(PlatformKind) as PlatformGrantKind[]).map((name) => [PlatformKind[name], name]),
);

export interface AcquireOptions extends CallOptions {
  /** What it must be. */
  readonly kind?: PlatformGrantKind;
}

export interface OpenOptions extends CallOptions {
  readonly write?: boolean;
}

/** Something of the host, opened for this component. It owns its descriptor. */
export interface HostGrant extends Disposable {
  readonly kind: PlatformGrantKind;
  readonly descriptor: number;
  /** What it is on the host, for people. */
  readonly path: string;
  readonly writeable: boolean;
  /** Further facts of the kind, such as `macAddress` of a TAP. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Closes the descriptor. The host keeps the grant open until {@link PlatformConnection.release}. */
  close(): void;
}

class OpenGrant implements HostGrant {
  #open = true;

  constructor(
    readonly kind: PlatformGrantKind,
    readonly descriptor: number,
    readonly path: string,
    readonly writeable: boolean,
    readonly facts: Readonly<Record<string, unknown>>,
  ) {}

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    native.closeDescriptor(this.descriptor);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Descriptors that were granted stay usable when the server restarts; names are looked up anew then. */
export class PlatformConnection implements AsyncDisposable {
  readonly #session: Session<PlatformClient, PlatformHandlers, PlatformArgs>;
  readonly #watchers = new Watchers();

  constructor(session: Session<PlatformClient, PlatformHandlers, PlatformArgs>) {
    this.#session = session;
    session.onSignal("changed", () => this.#watchers.tell());
    session.onReopened(() => this.#watchers.tell());
  }

  /** Names of what is granted to this component. */
  async granted(options?: CallOptions): Promise<readonly string[]> {
    const all: string[] = [];
    for (;;) {
      const names = await this.#session.client.granted(all.at(-1) ?? "", options);
      if (names.length === 0) return all;
      all.push(...names);
    }
  }

  /**
   * Opens what is granted under this name; an earlier opening of the same name is given back by it.
   * @throws SessionError `NotFound` (no such grant), `Device` (the host cannot open it), `InvalidArgument` (it is of
   * another kind than asked for)
   */
  async acquire(name: string, { kind: wanted, ...options }: AcquireOptions = {}): Promise<HostGrant> {
    const { kind, file, path, writeable, facts } = await this.#session.client.acquire(name, options);
    const kindName = kindNames.get(kind);
    if (kindName !== undefined && (wanted === undefined || wanted === kindName))
      return new OpenGrant(
        kindName,
        file.descriptors[0] as number,
        path,
        writeable,
        JSON.parse(facts) as Record<string, unknown>,
      );
    Dataspace.closeDescriptors(file);
    await this.release(name, options);
    if (kindName === undefined)
      throw new SessionError(
        "Malformed",
        `Cannot use the grant "${name}" (${path}): it is of kind ${kind}, which this version does not know`,
      );
    throw new SessionError(
      "InvalidArgument",
      `Cannot use the grant "${name}" (${path}): it is of kind "${kindName}", and "${wanted}" is needed; change the grant in the system file`,
    );
  }

  /**
   * Opens a file below a directory that was acquired: a descriptor, which the caller closes.
   * @throws SessionError `NotFound` (no such directory), `Device` (the host cannot open it, or the path leads elsewhere)
   */
  async open(name: string, path: string, { write = false, ...options }: OpenOptions = {}): Promise<number> {
    const { descriptors } = await this.#session.client.open(name, path, write, options);
    return descriptors[0] as number;
  }

  /** Gives a name back to the host, as when its device was unplugged. */
  release(name: string, options?: CallOptions): Promise<void> {
    return this.#session.client.release(name, options);
  }

  /** Calls `watcher` when what is granted, or there, changed. Returns the function that ends it. */
  onChange(watcher: () => void): () => void {
    return this.#watchers.add(watcher);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Devices and files of the host. */
export const Platform: SessionType<PlatformOptions, PlatformConnection> = {
  interface: PlatformInterface,
  async open(env: Env, options: PlatformOptions): Promise<PlatformConnection> {
    return new PlatformConnection(await env.session(PlatformInterface, {}, options));
  },
};
