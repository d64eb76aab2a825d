/**
 * One serial line: its input buffer, which outlives the sessions, its settings, and what happens when it is unplugged.
 */
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { errorMessage, SessionError } from "../../base/errors.js";
import {
  applyLineSettings,
  applyRs485,
  changeModemLines,
  encodeMarks,
  lineCounters,
  lineSettings,
  MarkDecoder,
  modemLine,
  modemLines,
  outputPending,
  setBreak,
} from "../../bindings/tty.js";
import { ByteRing } from "../../lib/byte-ring.js";
import type { FarEnd } from "../../sessions/terminal/index.js";
import type { UartControlCounters, UartControlLine, UartControlModem } from "../../sessions/uart/index.js";
import type { LineConfig } from "./config.js";
import type { OpenedLine } from "./opened-line.js";
import { Port, type PortListener } from "./port.js";
import { configuredLine, lineOf, settingsOf, taken } from "./settings.js";

/** The session on a line. */
export interface LineUser {
  dataArrived(): void;
  roomCame(): void;
  connectedChanged(): void;
  breakReceived(): void;
  modemChanged(): void;
}

/** Where a line comes from, each time that it is opened. */
export interface LineSource {
  /** Throws `Device` while the line is not there. */
  open(): Promise<OpenedLine>;
  /** Gives an unplugged line back to the host: while somebody has it open, its name stays taken. */
  release(): Promise<void>;
}

/** How often a line that was unplugged is looked for, and the modem lines of one in use are, in milliseconds. */
const searchPeriod = 1000;
const modemPeriod = 50;

const chunkBytes = 4096;
/** A chunk, and what the decoder held back of the one before. */
const roomForChunk = chunkBytes + 4;

const breakMark = encodeMarks(new Uint8Array(0), [{ kind: "break", position: 0 }]);

export class Line implements PortListener {
  readonly name: string;
  readonly #config: LineConfig;
  readonly #source: LineSource;
  readonly #input: ByteRing;
  readonly #chunk = new Uint8Array(chunkBytes);
  #decoder = new MarkDecoder();
  #port: Port;
  /** As the configuration says, and as it is to be now: a session may set it. */
  #configured: UartControlLine;
  #line: UartControlLine;
  #user: LineUser | undefined;
  #breaks = 0;
  /** What the driver counted itself, for lines whose kernel driver does not. */
  readonly #counted = { received: 0, sent: 0, breaks: 0, damaged: 0 };
  #breaking = false;
  #modem: { timer: NodeJS.Timeout; lines: number } | undefined;
  #searching: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(name: string, config: LineConfig, source: LineSource, opened: OpenedLine) {
    this.name = name;
    this.#config = config;
    this.#source = source;
    this.#input = new ByteRing(config.inputBuffer);
    this.#configured = configuredLine(config);
    this.#line = this.#configured;
    this.#port = new Port(opened, this);
    this.#prepare();
    if (!this.#port.pseudo) console.log(`${this.path} as "${name}" was opened by ${opened.openedBy}`);
  }

  /** Opens and sets a line; throws what the source throws, or `Unsupported` when the line cannot be set as configured. */
  static async open(name: string, config: LineConfig, source: LineSource): Promise<Line> {
    return new Line(name, config, source, await source.open());
  }

  get path(): string {
    return this.#port.path;
  }

  get #marks(): boolean {
    return this.#config.breaks ?? !this.#port.pseudo;
  }

  /** Brings a line that was just opened into its state. */
  #prepare(): void {
    try {
      this.#decoder = new MarkDecoder();
      // The kernel makes the marks of a serial line; those of a pseudo-terminal come from its far end.
      if (!this.#port.pseudo)
        applyLineSettings(this.#port.descriptor, { local: true, hangUp: true, marks: this.#marks });
      this.setLine(this.#line);
      if (this.#config.rs485 !== undefined) {
        const inForce = applyRs485(this.#port.descriptor, { enabled: true, ...this.#config.rs485 });
        if (!inForce.enabled)
          throw new SessionError(
            "Unsupported",
            `Cannot use ${this.path} as RS-485: its driver refuses; take "rs485" out of the line's configuration`,
          );
      }
    } catch (error) {
      this.#port.close();
      throw error;
    }
  }

  /**
   * Sets the line as another configuration says, if that says something else about rate and frame than the one before:
   * what a session set stays otherwise. An unplugged line returns so. @throws as {@link setLine}
   */
  configure(config: LineConfig): void {
    const line = configuredLine(config);
    if (isDeepStrictEqual(line, this.#configured)) return;
    if (this.#port.pseudo || this.#port.connected) this.setLine(line);
    else this.#line = line;
    this.#configured = line;
  }

  /** The line for its one session, or undefined when it has one. */
  attach(user: LineUser): FarEnd | undefined {
    if (this.#user !== undefined) return undefined;
    this.#user = user;
    this.#watchModem();
    const line = this;
    return {
      get connected() {
        return line.#port.connected;
      },
      size: { columns: 0, lines: 0 },
      get available() {
        return line.#input.length;
      },
      read: (target) => this.#read(target),
      write: (bytes) => this.#write(bytes),
      close: () => this.#detach(),
    };
  }

  #detach(): void {
    this.#user = undefined;
    if (this.#modem !== undefined) clearInterval(this.#modem.timer);
    this.#modem = undefined;
  }

  #read(target: Uint8Array): number {
    const count = this.#input.read(target);
    if (this.#input.room >= roomForChunk) this.#port.wantInput(true);
    return count;
  }

  #write(bytes: Uint8Array): number {
    if (this.#breaking) return 0;
    const count = this.#marks && this.#port.pseudo ? this.#writeMarked(bytes) : this.#port.write(bytes);
    this.#counted.sent += count;
    return count;
  }

  /** To the far end of a pseudo-terminal that wants marks: 255 goes out as two bytes, whole or not at all. */
  #writeMarked(bytes: Uint8Array): number {
    let written = 0;
    while (written < bytes.length) {
      const mark = bytes.indexOf(0xff, written);
      const end = mark < 0 ? bytes.length : mark;
      if (end > written) {
        const count = this.#port.write(bytes.subarray(written, end));
        written += count;
        if (written < end) return written;
      }
      if (mark < 0) return written;
      if (this.#port.write(Uint8Array.of(0xff, 0xff)) < 2) return written;
      written += 1;
    }
    return written;
  }

  readable(): void {
    let any = false;
    // Bounded: a fast line must not keep the loop to itself.
    for (let turn = 0; turn < 16; ++turn) {
      if (this.#input.room < roomForChunk) {
        this.#port.wantInput(false);
        break;
      }
      const count = this.#port.read(this.#chunk);
      if (count === 0) break;
      if (this.#take(this.#chunk.subarray(0, count))) any = true;
    }
    if (any) this.#user?.dataArrived();
  }

  /** True when characters came. */
  #take(raw: Uint8Array): boolean {
    if (!this.#marks) {
      this.#counted.received += raw.length;
      this.#input.write(raw);
      return true;
    }
    const { bytes, marks } = this.#decoder.decode(raw);
    let breaks = 0;
    for (const mark of marks) {
      if (mark.kind === "break") breaks += 1;
      else this.#counted.damaged += 1;
    }
    this.#counted.received += bytes.length;
    this.#input.write(bytes);
    if (breaks > 0) {
      this.#breaks += breaks;
      this.#counted.breaks += breaks;
      this.#user?.breakReceived();
    }
    return bytes.length > 0;
  }

  writable(): void {
    this.#user?.roomCame();
  }

  presence(): void {
    if (this.#port.connected) this.#user?.roomCame();
    this.#user?.connectedChanged();
  }

  gone(): void {
    if (this.#closed) return;
    console.error(`${this.path} is gone; "${this.name}" waits for its return`);
    this.#port.close();
    this.#user?.connectedChanged();
    // Otherwise the kernel would give the line that comes back another name.
    this.#source
      .release()
      .catch((error: unknown) => console.error(`Cannot give back "${this.name}": ${errorMessage(error)}`))
      .finally(() => void this.search());
  }

  /** Looks for a line that was unplugged, until it is back, and at the far end of a pseudo-terminal. */
  async search(): Promise<void> {
    if (this.#port.pseudo) return this.#port.look();
    if (this.#port.connected || this.#closed) return;
    clearTimeout(this.#searching);
    this.#searching = setTimeout(() => void this.search(), searchPeriod);
    try {
      const opened = await this.#source.open();
      if (this.#port.connected || this.#closed) return opened.close();
      this.#port = new Port(opened, this);
      this.#prepare();
      console.log(`${this.path} is back, opened by ${opened.openedBy}`);
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== "Device")
        console.error(`Cannot open "${this.name}" again: ${errorMessage(error)}`);
      return;
    }
    clearTimeout(this.#searching);
    this.presence();
  }

  /** The number of a closed descriptor may be somebody else's by now. */
  #needConnected(): void {
    if (!this.#port.pseudo && !this.#port.connected)
      throw new SessionError("Unavailable", `${this.path} is unplugged; "${this.name}" waits for its return`);
  }

  /** The settings in force; of an unplugged line, those that it returns to. */
  line(): UartControlLine {
    if (!this.#port.pseudo && !this.#port.connected) return this.#line;
    return lineOf(lineSettings(this.#port.descriptor));
  }

  /** @throws SessionError `Unsupported`, `Unavailable` (unplugged); the line then stays as it was */
  setLine(asked: UartControlLine): void {
    this.#needConnected();
    const before = lineSettings(this.#port.descriptor);
    try {
      const inForce = lineOf(applyLineSettings(this.#port.descriptor, settingsOf(asked)));
      if (!taken(asked, inForce))
        throw new SessionError(
          "Unsupported",
          `${this.path} cannot be set so: asked for ${JSON.stringify(asked)}, got ${JSON.stringify(inForce)}`,
        );
    } catch (error) {
      applyLineSettings(this.#port.descriptor, before);
      throw error instanceof SessionError ? error : this.#unsupported("be set so", error);
    }
    this.#line = asked;
  }

  #unsupported(what: string, error: unknown): SessionError {
    return new SessionError("Unsupported", `${this.path} cannot ${what}: ${errorMessage(error)}`);
  }

  #lines(): number {
    this.#needConnected();
    try {
      return modemLines(this.#port.descriptor);
    } catch (error) {
      throw this.#unsupported("show modem lines", error);
    }
  }

  modem(): UartControlModem {
    const lines = this.#lines();
    const raised = (line: number): boolean => (lines & line) !== 0;
    return {
      dtr: raised(modemLine.dtr),
      rts: raised(modemLine.rts),
      cts: raised(modemLine.cts),
      dsr: raised(modemLine.dsr),
      ri: raised(modemLine.ring),
      dcd: raised(modemLine.carrier),
    };
  }

  setModem(dtr: boolean, rts: boolean): void {
    this.#needConnected();
    const raise = (dtr ? modemLine.dtr : 0) | (rts ? modemLine.rts : 0);
    try {
      changeModemLines(this.#port.descriptor, raise, (modemLine.dtr | modemLine.rts) & ~raise);
    } catch (error) {
      throw this.#unsupported("change modem lines", error);
    }
  }

  /** Lines that have modem lines at all are looked at while somebody uses them: the kernel tells only who blocks. */
  #watchModem(): void {
    if (this.#port.pseudo) return;
    try {
      const lines = this.#lines();
      const timer = setInterval(() => this.#compareModem(), modemPeriod);
      this.#modem = { timer, lines };
    } catch {
      // A line without them has no changes either.
    }
  }

  #compareModem(): void {
    if (this.#modem === undefined || !this.#port.connected) return;
    try {
      const lines = this.#lines();
      if (lines !== this.#modem.lines) this.#user?.modemChanged();
      this.#modem.lines = lines;
    } catch {
      // Unplugged: reading finds out.
    }
  }

  /** Sends what was written, then holds the line at space; meanwhile writes wait. */
  async sendBreak(milliseconds: number): Promise<void> {
    if (this.#breaking) throw new SessionError("Unavailable", `${this.path} is sending a break already`);
    this.#needConnected();
    if (this.#port.pseudo) {
      if (!this.#marks)
        throw new SessionError(
          "Unsupported",
          `${this.path} is a pseudo-terminal, which has no breaks; with "breaks" they travel as marks`,
        );
      if (this.#port.write(breakMark) < breakMark.length)
        throw new SessionError("Unavailable", `${this.path} does not take a break now`);
      return;
    }
    this.#breaking = true;
    const port = this.#port;
    const descriptor = (): number => {
      if (port !== this.#port || !port.connected) throw new SessionError("Unavailable", `${this.path} was unplugged`);
      return port.descriptor;
    };
    try {
      // The wait that the kernel offers would block this thread.
      while (outputPending(descriptor()) > 0) await delay(2);
      setBreak(descriptor(), true);
      await delay(milliseconds);
      setBreak(descriptor(), false);
    } catch (error) {
      if (error instanceof SessionError) throw error;
      throw this.#unsupported("send a break", error);
    } finally {
      this.#breaking = false;
      this.#user?.roomCame();
    }
  }

  takeBreaks(): number {
    const count = this.#breaks;
    this.#breaks = 0;
    return count;
  }

  counters(): UartControlCounters {
    try {
      this.#needConnected();
      const { received, sent, framingErrors, overruns, parityErrors, breaks, bufferOverruns } = lineCounters(
        this.#port.descriptor,
      );
      return { received, sent, frameErrors: framingErrors, overruns, parityErrors, breaks, bufferOverruns };
    } catch {
      const { received, sent, breaks, damaged } = this.#counted;
      return {
        received: received >>> 0,
        sent: sent >>> 0,
        frameErrors: damaged,
        overruns: 0,
        parityErrors: 0,
        breaks,
        bufferOverruns: 0,
      };
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#searching);
    this.#detach();
    this.#port.close();
  }
}
