/** The root's System service: its state, and what an operator may do to it, for components that are routed there. */
import type { Dataspace } from "../base/dataspace.js";
import { SessionError } from "../base/errors.js";
import type { Capability } from "../base/message.js";
import { type Service, type SessionRequest, service } from "../base/server.js";
import { explainWay } from "../servers/init/explanation.js";
import { wholeState } from "../servers/init/facts.js";
import { type SystemArgs, type SystemHandlers, SystemInterface } from "../sessions/system/index.js";
import type { Root } from "./root.js";

const changed = SystemInterface.signals.indexOf("changed");
const encoder = new TextEncoder();
/** Documents are small; nobody donates more than this in earnest. */
const largestBuffer = 16 * 1024 * 1024;

class SystemSession implements SystemHandlers {
  readonly #root: Root;
  readonly #buffer: Dataspace;
  readonly #unwatch: () => void;

  constructor(root: Root, request: SessionRequest<SystemArgs>, buffer: Dataspace) {
    this.#root = root;
    this.#buffer = buffer;
    this.#unwatch = root.onStateChanged(() => request.session.raise(changed));
  }

  #leave(text: string): number {
    const bytes = encoder.encode(text);
    if (bytes.length > this.#buffer.size)
      throw new SessionError(
        "TooLarge",
        `The document has ${bytes.length} bytes, the session's buffer ${this.#buffer.size}: open it with a larger buffer_size`,
      );
    this.#buffer.bytes.write(bytes);
    return bytes.length;
  }

  buffer(): Capability {
    return this.#buffer.capability;
  }

  state(): number {
    return this.#leave(JSON.stringify(wholeState(this.#root.init)));
  }

  log(lines: number): number {
    return this.#leave(JSON.stringify(lines === 0 ? [] : this.#root.console.history.slice(-lines)));
  }

  explain(component: string, name: string, label: string): number {
    return this.#leave(explainWay(this.#root.init.model, component, name, label).text);
  }

  restart(component: string): Promise<void> {
    return this.#root.init.restart(component);
  }

  kill(component: string): void {
    this.#root.init.kill(component);
  }

  uptime(): number {
    return Date.now() - this.#root.startedAt;
  }

  close(): void {
    this.#unwatch();
  }
}

export function systemService(root: Root): Service {
  return service(SystemInterface, async (request) => {
    const { bufferSize } = request.args;
    if (bufferSize < 1 || bufferSize > largestBuffer)
      throw new SessionError(
        "Denied",
        `A buffer of ${bufferSize} bytes is not possible: from 1 to ${largestBuffer} are`,
      );
    const needed = SystemInterface.ramQuota + bufferSize;
    if (request.quota.ram < bufferSize)
      throw new SessionError(
        "InsufficientRam",
        `System with a buffer of ${bufferSize} bytes needs a donation of ${needed} bytes`,
      );
    return new SystemSession(root, request, await request.alloc(bufferSize));
  });
}
