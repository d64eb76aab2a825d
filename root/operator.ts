/**
 * The operator at the control socket as the parent of the root's init: sessions of the services that the system file
 * offers to it, as a nested init offers them to its parent.
 */
import { makeChannel } from "../base/channel-pair.js";
import { Dataspace } from "../base/dataspace.js";
import { Env } from "../base/env.js";
import { SessionError } from "../base/errors.js";
import type { Call } from "../base/interface.js";
import type { Capability } from "../base/message.js";
import { Parent, type ParentHandlers } from "../base/parent/parent.generated.js";
import { RpcServer } from "../base/rpc-server.js";
import type { Init } from "../servers/init/init.js";
import { resolveExport } from "../servers/init/routing.js";
import type { SessionState } from "../servers/init/session-state.js";

export class Operator implements Disposable {
  /** Opens sessions; the operator serves none. */
  readonly env: Env;
  readonly #init: Init;
  readonly #rpc: RpcServer;
  readonly #sessions = new Map<number, SessionState>();
  #lastId = 0;

  /** `label` is whom the servers see. */
  constructor(init: Init, label: string) {
    this.#init = init;
    const { client, server } = makeChannel(label);
    this.#rpc = new RpcServer(server, label);
    this.#rpc.serve(Parent, {
      session: (service, session, args, ram, caps, call) =>
        this.#open(service, session === "" ? label : `${label} -> ${session}`, args, { ram, caps }, call),
      upgrade: (id, ram, caps) => init.sessions.upgradeSession(this.#session(id), ram, caps),
      close: (id) => {
        init.sessions.clientGone(this.#session(id));
        this.#sessions.delete(id);
      },
      denial: () => "",
    } as Partial<ParentHandlers> as ParentHandlers);
    this.env = new Env(
      { message: { name: label, label, file: "", codeBytes: 0, compiledBytes: 0 }, parent: client },
      { onParentGone: () => {} },
    );
  }

  #session(id: number): SessionState {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new SessionError("NotFound", `The operator has no session ${id}`);
    return session;
  }

  #open(
    service: string,
    label: string,
    args: string,
    quota: { readonly ram: number; readonly caps: number },
    call: Call,
  ): Promise<{ id: number; channel: Capability }> {
    const resolution = resolveExport(this.#init.model, service, label);
    if (resolution.kind === "denied")
      throw new SessionError(
        "Denied",
        `The system file offers no ${service} session for "${label}": ${resolution.reason}`,
      );
    const { provider, label: shown } = resolution;
    const { client, server } = makeChannel(label, true);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        // Once only: its refusal and its end may both tell.
        if (this.#sessions.delete(id)) Dataspace.closeDescriptors(client);
        reject(error);
      };
      const session = this.#init.sessions.open({
        client: undefined,
        service,
        label,
        args,
        ...quota,
        route: { provider, label: shown },
        forwarded: { id, serverEnd: server },
        answer: { granted: () => resolve({ id, channel: client }), refused: fail },
      });
      if (session.phase === "closed") return Dataspace.closeDescriptors(client);
      this.#sessions.set(id, session);
      call.signal.addEventListener("abort", () => {
        if (session.answer === undefined) return;
        this.#init.sessions.clientGone(session);
        fail(new SessionError("Aborted", `The operator waits no longer for ${service} "${label}"`));
      });
    });
  }

  [Symbol.dispose](): void {
    for (const session of this.#sessions.values()) this.#init.sessions.clientGone(session);
    this.#rpc.close();
  }
}
