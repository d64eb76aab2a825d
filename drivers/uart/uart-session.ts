/** One session on a line: a Terminal session, and the controls of the line beside it. */

import { SessionError } from "../../base/errors.js";
import type { Call } from "../../base/interface.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import { type FarEnd, TerminalSession } from "../../sessions/terminal/index.js";
import {
  type UartArgs,
  type UartControlCounters,
  type UartControlLine,
  type UartControlModem,
  type UartHandlers,
  UartInterface,
} from "../../sessions/uart/index.js";
import type { Line } from "./line.js";

const breakReceived = UartInterface.signals.indexOf("breakReceived");
const modemChanged = UartInterface.signals.indexOf("modemChanged");

export class UartSession implements UartHandlers {
  readonly #line: Line;
  readonly #terminal: TerminalSession;

  private constructor(line: Line, terminal: TerminalSession) {
    this.#line = line;
    this.#terminal = terminal;
  }

  /** Takes the line; throws `Denied` while another session has it. `controls`: the client knows the signals of Uart. */
  static async open(line: Line, request: SessionRequest<UartArgs>, controls: boolean): Promise<UartSession> {
    const raise = (signal: number): void => {
      if (controls) request.session.raise(signal);
    };
    const attach = (terminal: TerminalSession): FarEnd => {
      const farEnd = line.attach({
        dataArrived: () => terminal.dataArrived(),
        roomCame: () => terminal.roomCame(),
        connectedChanged: () => terminal.connectedChanged(),
        breakReceived: () => raise(breakReceived),
        modemChanged: () => raise(modemChanged),
      });
      if (farEnd === undefined)
        throw new SessionError(
          "Denied",
          `Cannot open a session on line "${line.name}": it has one already, and serves one at a time`,
        );
      return farEnd;
    };
    return new UartSession(line, await TerminalSession.open(request, attach));
  }

  buffer(): Capability {
    return this.#terminal.buffer();
  }

  size(): { columns: number; lines: number } {
    return this.#terminal.size();
  }

  connected(): boolean {
    return this.#terminal.connected();
  }

  available(): number {
    return this.#terminal.available();
  }

  read(max: number): number {
    return this.#terminal.read(max);
  }

  write(length: number): number {
    return this.#terminal.write(length);
  }

  line(): UartControlLine {
    return this.#line.line();
  }

  setLine(line: UartControlLine): void {
    this.#line.setLine(line);
  }

  modem(): UartControlModem {
    return this.#line.modem();
  }

  setModem(dtr: boolean, rts: boolean): void {
    this.#line.setModem(dtr, rts);
  }

  sendBreak(milliseconds: number, _call: Call): Promise<void> {
    return this.#line.sendBreak(milliseconds);
  }

  takeBreaks(): number {
    return this.#line.takeBreaks();
  }

  counters(): UartControlCounters {
    return this.#line.counters();
  }

  close(): void {
    this.#terminal.close();
  }
}
