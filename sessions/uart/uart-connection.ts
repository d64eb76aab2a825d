/** The client half of Uart: a Terminal whose line can be set, and which tells of breaks. */
import type { Env } from "../../base/env.js";
import type { CallOptions } from "../../base/interface.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { untilAnswered } from "../../lib/repetition.js";
import { Watchers } from "../../lib/watchers.js";
import type { TerminalArgs, TerminalClient, TerminalHandlers } from "../terminal/terminal.generated.js";
import { TerminalConnection } from "../terminal/terminal-connection.js";
import {
  type UartArgs,
  type UartClient,
  type UartControlCounters,
  UartControlFlowControl,
  type UartControlLine,
  type UartControlModem,
  UartControlParity,
  type UartHandlers,
  Uart as UartInterface,
} from "./uart.generated.js";

export type UartOptions = SessionOptions;

/** How a line is set. */
export interface UartLine {
  /** Bits a second. */
  readonly baudRate: number;
  /** 5 to 8. */
  readonly dataBits: number;
  /** 1 or 2. */
  readonly stopBits: number;
  readonly parity: keyof typeof UartControlParity;
  /** `hardware`: RTS and CTS; `software`: XON and XOFF. */
  readonly flowControl: keyof typeof UartControlFlowControl;
}

function nameOf<Name extends string>(names: Readonly<Record<Name, number>>, value: number): Name {
  return (Object.keys(names) as Name[]).find((name) => names[name] === value) as Name;
}

/**
 * A serial line. When the server restarts, the line is set again as this client last set it; output that the old server
 * had not acknowledged is written again, and input that it had not handed over is lost with it.
 */
export class UartConnection extends TerminalConnection {
  readonly #session: Session<UartClient, UartHandlers, UartArgs>;
  #wanted: UartControlLine | undefined;
  readonly #breakWatchers = new Watchers<[count: number]>();
  readonly #modemWatchers = new Watchers();

  constructor(session: Session<UartClient, UartHandlers, UartArgs>) {
    // A Uart session is a Terminal session with more operations.
    super(session as unknown as Session<TerminalClient, TerminalHandlers, TerminalArgs>);
    this.#session = session;
    session.onSignal("breakReceived", () => void this.#breaks());
    session.onSignal("modemChanged", () => this.#modemWatchers.tell());
    session.onReopened(async () => {
      if (this.#wanted !== undefined) await session.client.setLine(this.#wanted).catch(() => {});
    });
  }

  async #breaks(): Promise<void> {
    // Whether the server died meanwhile or not: breaks that nobody counted any more are not reported.
    const count = await this.#session.client.takeBreaks().catch(() => 0);
    if (count > 0) this.#breakWatchers.tell(count);
  }

  /** How the line is set. */
  async line(options?: CallOptions): Promise<UartLine> {
    const { parity, flowControl, ...line } = await untilAnswered(this.#session, () =>
      this.#session.client.line(options),
    );
    return {
      ...line,
      parity: nameOf(UartControlParity, parity),
      flowControl: nameOf(UartControlFlowControl, flowControl),
    };
  }

  /**
   * Changes what is named, once the output written before is sent. Outlives a restart of the server.
   * @throws SessionError `Unsupported` when the line cannot do this; it then stays as it was
   */
  async setLine(changes: Partial<UartLine>, options?: CallOptions): Promise<void> {
    const { parity, flowControl, ...line } = { ...(await this.line(options)), ...changes };
    const wanted = { ...line, parity: UartControlParity[parity], flowControl: UartControlFlowControl[flowControl] };
    await untilAnswered(this.#session, () => this.#session.client.setLine(wanted, options));
    this.#wanted = wanted;
  }

  /** The modem lines. @throws SessionError `Unsupported` */
  modem(options?: CallOptions): Promise<UartControlModem> {
    return untilAnswered(this.#session, () => this.#session.client.modem(options));
  }

  /** Raises or lowers DTR and RTS. @throws SessionError `Unsupported` */
  setModem({ dtr, rts }: { readonly dtr: boolean; readonly rts: boolean }, options?: CallOptions): Promise<void> {
    return untilAnswered(this.#session, () => this.#session.client.setModem(dtr, rts, options));
  }

  /**
   * Holds the line at space, once the output written before is sent; resolves afterwards. Not repeated when the server
   * dies meanwhile: the far end may have seen it.
   * @throws SessionError `Unsupported`, `Disconnected`
   */
  sendBreak(milliseconds = 250, options?: CallOptions): Promise<void> {
    return this.#session.client.sendBreak(milliseconds, options);
  }

  /** Calls `watcher` with the number of breaks that were received. Returns the function that ends it. */
  onBreak(watcher: (count: number) => void): () => void {
    return this.#breakWatchers.add(watcher);
  }

  /** Calls `watcher` when a modem line changed. Returns the function that ends it. */
  onModemChange(watcher: () => void): () => void {
    return this.#modemWatchers.add(watcher);
  }

  /** What the line counted since its driver opened it. */
  counters(options?: CallOptions): Promise<UartControlCounters> {
    return untilAnswered(this.#session, () => this.#session.client.counters(options));
  }
}

/** A serial line: a terminal whose line can be controlled. */
export const Uart: SessionType<UartOptions, UartConnection> = {
  interface: UartInterface,
  async open(env: Env, options: UartOptions): Promise<UartConnection> {
    return new UartConnection(await env.session(UartInterface, {}, options));
  },
};
