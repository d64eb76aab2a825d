/** How a session comes to its server: paid by its client, with a channel of its own. */
import { Dataspace } from "../../base/dataspace.js";
import { denialPath } from "../../base/denial.js";
import { errorMessage, SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import { ParentRequestKind } from "../../base/parent/parent.generated.js";
import { nothing } from "../../base/quota.js";
import { sessionCost } from "../../base/session-cost.js";
import type { Child } from "./child.js";
import type { Init } from "./init.js";
import type { SessionState } from "./session-state.js";

export class Opening {
  readonly #init: Init;

  constructor(init: Init) {
    this.#init = init;
  }

  /** Sends the request to its server, or leaves it waiting until the server announces the service. */
  send(session: SessionState): void {
    if (session.phase !== "waiting") return;
    if (session.server === undefined) return void this.#openOutside(session);
    const state = this.#init.children.get(session.server);
    if (state === undefined) {
      this.#init.sessions.refuse(
        session,
        this.#init.sessions.denial(session, "server", `there is no component "${session.server}"`),
      );
    } else if (state.phase === "exited" || state.phase === "crash-loop") {
      this.#init.sessions.refuse(
        session,
        this.#init.sessions.denial(session, "server", `"${session.server}" is not running (${state.phase})`),
      );
    } else if (state.instance?.announcedServices.has(session.service) === true)
      void this.#create(session, state.instance);
  }

  /** Takes the donation from whoever pays. */
  #donate(session: SessionState, server: Child | undefined): void {
    const { ledger, children } = this.#init;
    const name = `${session.service} "${session.label}"`;
    const donation = { ram: session.ram, caps: session.caps };
    if (session.client === undefined) {
      session.account = ledger.donated((server as Child).account, name, donation);
      return;
    }
    const client = children.get(session.client)?.instance;
    if (client === undefined) throw new SessionError("Aborted", `"${session.client}" is gone`);
    session.account = ledger.session(client.account, server?.account ?? "outside", name, donation);
  }

  async #create(session: SessionState, server: Child): Promise<void> {
    session.phase = "creating";
    try {
      this.#donate(session, server);
      if (session.client !== undefined) {
        this.#payChannel(session);
        const { client, server: serverEnd, free } = await this.#init.options.core.channel();
        // The client or the server may have died meanwhile; then nobody will take the ends.
        if (
          session.phase !== "creating" ||
          this.#init.sessions.serverOf(session) !== server ||
          session.answer === undefined
        ) {
          Dataspace.closeDescriptors(client);
          Dataspace.closeDescriptors(serverEnd);
          free();
          return;
        }
        session.clientEnd = { ...client, move: true };
        session.serverEnd = serverEnd;
        session.freeChannel = free;
      }
    } catch (error) {
      if (session.phase === "creating") this.#init.sessions.refuse(session, error as Error);
      return;
    }
    const channel = { ...(session.serverEnd as Capability), move: true };
    session.serverEnd = undefined;
    const cost = session.client === undefined ? nothing : sessionCost;
    server.request({
      ...session.message(ParentRequestKind.create, session.ram - cost.ram, session.caps - cost.caps),
      args: session.args,
      channel,
    });
  }

  #payChannel(session: SessionState): void {
    if (session.ram < sessionCost.ram || session.caps < sessionCost.caps) {
      throw new SessionError(
        session.ram < sessionCost.ram ? "InsufficientRam" : "InsufficientCaps",
        `A session costs ${sessionCost.ram} bytes and ${sessionCost.caps} capabilities for its channel`,
      );
    }
    if (session.account !== undefined) this.#init.ledger.use(session.account, sessionCost);
  }

  async #openOutside(session: SessionState): Promise<void> {
    session.phase = "creating";
    try {
      this.#donate(session, undefined);
      const { account } = session;
      const withdrawal = new AbortController();
      session.withdraw = () => withdrawal.abort();
      const opened = await this.#init.options.parentSide.open({
        init: this.#init,
        session,
        label: session.route.label,
        quota: { ram: session.ram, caps: session.caps },
        signal: withdrawal.signal,
        charge: (amount) => {
          if (account !== undefined) this.#init.ledger.use(account, amount);
        },
      });
      // An async function's narrowing does not see what happened during the wait.
      if ((session.phase as string) !== "creating" || session.answer === undefined) {
        Dataspace.closeDescriptors(opened.channel);
        opened.close();
        return;
      }
      session.outside = opened;
      opened.onClosed(() => {
        if (session.outside === opened) this.#init.sessions.ended(session);
      });
      session.clientEnd = { ...opened.channel, move: true };
      this.granted(session);
    } catch (error) {
      if (session.phase !== "creating") return;
      this.#init.sessions.refuse(session, this.#refusal(session, error));
    }
  }

  #refusal(session: SessionState, error: unknown): Error {
    const { sessions, children } = this.#init;
    if (!(error instanceof SessionError) || error.code !== "Denied") return error as Error;
    const above = denialPath(error);
    const last = above.at(-1);
    if (last === undefined) return sessions.denial(session, "server", errorMessage(error));
    // Asking again leads to the same denial until the routes above change.
    if (last.stage !== "server" && session.client !== undefined)
      children.get(session.client)?.instance?.noteDenied(session, true);
    return sessions.denialAbove(session, above);
  }

  /** The server has it: the client gets its end. */
  granted(session: SessionState): void {
    const { answer, clientEnd } = session;
    session.phase = "open";
    session.answer = undefined;
    session.clientEnd = undefined;
    session.withdraw = undefined;
    answer?.granted(clientEnd);
    this.#init.options.stateChanged();
  }
}
