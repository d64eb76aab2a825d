/** A Platform service for driver tests: hands out what the test opens. */

import { SessionError } from "../../base/errors.js";
import { watchDescriptor } from "../../base/event-loop.js";
import type { RpcServer } from "../../base/rpc-server.js";
import { type Service, service } from "../../base/server.js";
import { openBelow } from "../../bindings/directory.js";
import { native } from "../../bindings/native.js";
import { drainPresence, watchPresence } from "../../bindings/tty.js";
import {
  namesAfter,
  type PlatformGrant,
  type PlatformGrantKind,
  PlatformInterface,
  PlatformKind,
} from "../../sessions/platform/index.js";

export interface TestGrant {
  readonly kind: PlatformGrantKind;
  /** Opens it anew; the caller gets the descriptor. Throws when it is not there. */
  open(): number;
  readonly path?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export class TestPlatform {
  readonly grants = new Map<string, TestGrant>();
  readonly #sessions = new Set<RpcServer>();

  constructor(grants: Readonly<Record<string, TestGrant>> = {}) {
    for (const [name, grant] of Object.entries(grants)) this.grants.set(name, grant);
  }

  get service(): Service {
    return service(PlatformInterface, ({ session }) => {
      this.#sessions.add(session);
      session.onClosed(() => this.#sessions.delete(session));
      return {
        granted: (after: string) => namesAfter(after, this.grants.keys()),
        acquire: (name: string): PlatformGrant => {
          const grant = this.grants.get(name);
          if (grant === undefined) throw new SessionError("NotFound", `Nothing named "${name}" is granted`);
          let descriptor: number;
          try {
            descriptor = grant.open();
          } catch (error) {
            throw new SessionError("Device", String(error));
          }
          return {
            kind: PlatformKind[grant.kind],
            file: { kind: "file", descriptors: [descriptor], move: true },
            path: grant.path ?? name,
            writeable: true,
            facts: JSON.stringify(grant.facts ?? {}),
          };
        },
        open: (name: string, path: string, write: boolean) => {
          const grant = this.grants.get(name);
          if (grant?.kind !== "directory") throw new SessionError("NotFound", `No directory "${name}" is granted`);
          const directory = grant.open();
          try {
            return { kind: "file", descriptors: [openBelow(directory, path, write)], move: true };
          } catch (error) {
            throw new SessionError("Device", String(error));
          } finally {
            native.closeDescriptor(directory);
          }
        },
        release: () => {},
      };
    });
  }

  /** Tells all clients that something changed. */
  changed(): void {
    for (const session of this.#sessions) session.raise(PlatformInterface.signals.indexOf("changed"));
  }
}

/** Tells of a pseudo-terminal's far end as the root does. */
export function tellOfFarEnd(platform: TestPlatform, path: string): () => void {
  const watch = watchPresence(path);
  const end = watchDescriptor(watch, "readable", () => {
    if (drainPresence(watch)) platform.changed();
  });
  return () => {
    end();
    native.closeDescriptor(watch);
  };
}

/** Duplicates a descriptor that the test keeps. */
export function again(descriptor: number): () => number {
  return () => native.duplicateDescriptor(descriptor);
}
