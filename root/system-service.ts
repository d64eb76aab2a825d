/** The root's System service: its state, and what an operator may do to it, for components that are routed there. */
import type { Dataspace } from "../base/dataspace.js";
import { SessionError } from "../base/errors.js";
import type { Capability } from "../base/message.js";
import { selectPolicy } from "../base/policy.js";
import { type Service, type SessionRequest, service } from "../base/server.js";
import { type OperatorRights, operatorRights } from "../servers/init/config.js";
import { explainWay } from "../servers/init/explanation.js";
import { wholeState } from "../servers/init/facts.js";
import { type SystemArgs, type SystemHandlers, SystemInterface } from "../sessions/system/index.js";
import type { Root } from "./root.js";
import { checkSystemFile, replaceSystemFile, systemFileText } from "./system-editor.js";
import { flowReport, usageReport } from "./usage.js";

const changed = SystemInterface.signals.indexOf("changed");
const logged = SystemInterface.signals.indexOf("logged");
const encoder = new TextEncoder();
/** Documents are small; nobody donates more than this in earnest. */
const largestBuffer = 16 * 1024 * 1024;

class SystemSession implements SystemHandlers {
  readonly #root: Root;
  readonly #label: string;
  readonly #buffer: Dataspace;
  readonly #unwatch: readonly (() => void)[];
  /** Whoever never asks what was logged is not woken by it. */
  #followsLog = false;

  constructor(root: Root, { label, session }: SessionRequest<SystemArgs>, buffer: Dataspace) {
    this.#root = root;
    this.#label = label;
    this.#buffer = buffer;
    this.#unwatch = [
      root.onStateChanged(() => session.raise(changed)),
      root.console.watch(() => {
        if (this.#followsLog) session.raise(logged);
      }),
    ];
  }

  /** Asked each time: the system file may have changed. */
  #need(wanted: OperatorRights, what: string): void {
    const { policies } = this.#root.init.model.operators;
    const rights = selectPolicy(policies, this.#label).policy?.rights ?? "operate";
    if (operatorRights.indexOf(rights) < operatorRights.indexOf(wanted))
      throw new SessionError(
        "Denied",
        `"${this.#label}" may not ${what}: that needs "rights": "${wanted}" in a policy of the system file's "operators", and it has "${rights}"`,
      );
  }

  #taken(length: number): string {
    if (length > this.#buffer.size)
      throw new SessionError("InvalidArgument", `The buffer has ${this.#buffer.size} bytes, not ${length}`);
    return this.#buffer.bytes.text(0, length);
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
    const { init } = this.#root;
    const whole = JSON.stringify(wholeState(init));
    // However much nested inits say of themselves, the rest of the system is seen.
    const fits = Buffer.byteLength(whole) <= this.#buffer.size;
    return this.#leave(fits ? whole : JSON.stringify(wholeState(init, false)));
  }

  log(lines: number): number {
    return this.#leave(JSON.stringify(lines === 0 ? [] : this.#root.console.history.slice(-lines)));
  }

  logAfter(after: number, lines: number): number {
    const { console } = this.#root;
    this.#followsLog = true;
    return this.#leave(JSON.stringify({ last: console.count, lines: console.after(after, lines) }));
  }

  async usage(): Promise<number> {
    return this.#leave(JSON.stringify(await usageReport(this.#root)));
  }

  async flow(): Promise<number> {
    return this.#leave(JSON.stringify(await flowReport(this.#root)));
  }

  systemFile(): number {
    return this.#leave(systemFileText(this.#root.file));
  }

  check(length: number): number {
    return this.#leave(
      JSON.stringify(
        checkSystemFile(this.#taken(length)).map(({ severity, rule, message, line, column }) => ({
          severity,
          rule,
          message,
          line,
          column,
        })),
      ),
    );
  }

  async apply(length: number, base: Uint8Array): Promise<void> {
    this.#need("edit", "replace the system file");
    replaceSystemFile(this.#root.file, this.#taken(length), base);
    await this.#root.reload();
  }

  explain(component: string, name: string, label: string): number {
    return this.#leave(explainWay(this.#root.init.model, component, name, label).text);
  }

  restart(component: string): Promise<void> {
    this.#need("operate", "restart components");
    return this.#root.restart(component);
  }

  kill(component: string): void {
    this.#need("operate", "kill components");
    this.#root.kill(component);
  }

  uptime(): number {
    return Date.now() - this.#root.startedAt;
  }

  close(): void {
    for (const unwatch of this.#unwatch) unwatch();
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
