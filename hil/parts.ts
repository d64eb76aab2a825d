/** What a test may need, and what it gets for each need. */
import type { Contact } from "../bench/touch-surface.js";
import type { CaptureConnection } from "../sessions/capture/index.js";
import type { EventConnection } from "../sessions/event/index.js";
import type { FramebufferConnection } from "../sessions/framebuffer/index.js";
import type { Area } from "../sessions/geometry/geometry.generated.js";
import type { GuiConnection } from "../sessions/gui/index.js";
import type { InputConnection } from "../sessions/input/index.js";
import type { LogConnection } from "../sessions/log/index.js";
import type { PinControlConnection } from "../sessions/pin-control/index.js";
import type { PinStateConnection } from "../sessions/pin-state/index.js";
import type { Reporter } from "../sessions/report/index.js";
import type { RomConnection } from "../sessions/rom/index.js";
import type { RtcConnection } from "../sessions/rtc/index.js";
import type { TerminalConnection } from "../sessions/terminal/index.js";
import type { TimerConnection } from "../sessions/timer/index.js";
import type { UartConnection } from "../sessions/uart/index.js";
import type { UplinkSession } from "../sessions/uplink/index.js";
import type { Console } from "./console.js";
import type { Disk } from "./disk.js";
import type { Network } from "./network.js";
import type { Picture } from "./picture.js";
import type { Power } from "./power.js";
import type { Screen } from "./screen.js";
import type { CommandRunner } from "./shell.js";
import type { Sound } from "./sound.js";

/** A session that is a line, read from its beginning. */
export interface Line<Session> extends Console {
  readonly session: Session;
  /**
   * The other end of the line, where the bench has it. Until a test takes it, it may be looped: what is sent comes back.
   */
  readonly far: Console | undefined;
}

/** A document, and the reports that it is made of. */
export interface Documents extends AsyncDisposable {
  /** Reports of this test's component, by name. */
  reporter(name: string, bufferSize?: number | string): Promise<Reporter>;
  /** The same report as others read it. */
  reader(name: string): Promise<RomConnection>;
}

/** A ROM module whose content the bench changes under its readers. */
export interface Module extends AsyncDisposable {
  /** Gives it this value, as JSON. */
  publish(value: unknown): Promise<void>;
  open(): Promise<RomConnection>;
}

/** A log, and what arrived of it at the system's own. */
export interface LogPart extends AsyncDisposable {
  readonly session: LogConnection;
  /** Lines that arrived, with the labels that were put before them. */
  lines(): readonly { readonly label: string; readonly text: string }[];
}

/** A device that is a client of this test, which is its network. */
export interface UplinkPart extends AsyncDisposable {
  /** The device's session; it is there again after the device's driver was restarted. */
  session(): Promise<UplinkSession>;
  /** Frames that came from the device, and to it. */
  readonly network: Network;
  readonly far: Network | undefined;
}

export interface TimerPart extends AsyncDisposable {
  readonly session: TimerConnection;
}

export interface RtcPart extends AsyncDisposable {
  readonly session: RtcConnection;
}

/** Two pins that are joined by a wire. The one that is seen is pulled up. */
export interface PinsPart extends AsyncDisposable {
  readonly output: PinControlConnection;
  readonly input: PinStateConnection;
  /** Opens another session that drives one of them. */
  second(pin: "output" | "input"): Promise<PinControlConnection>;
}

/** Whoever sits before a screen: sees it, and has devices. */
export interface Seat {
  readonly screen: Screen;
  /** Keys, pointers and fingers; places are shares of the screen. */
  readonly hand: EventConnection;
}

/** A client of a GUI server, or of a window manager. */
export interface GuiPart extends Seat, AsyncDisposable {
  readonly session: GuiConnection;
  /** Opens the session of another client. */
  second(): Promise<GuiConnection>;
}

/** A client that knows a buffer and input only. */
export interface FramebufferPart extends Seat, AsyncDisposable {
  readonly session: FramebufferConnection;
  readonly input: InputConnection;
}

/** A display, and a client whose only view covers the screen that it shows. */
export interface CapturePart extends AsyncDisposable {
  readonly session: CaptureConnection;
  readonly area: Area;
  readonly painter: GuiConnection;
  /** Opens the session of another display, which looks on. */
  second(): Promise<CaptureConnection>;
}

/** A source of input, and the client that has the keys. */
export interface EventPart extends AsyncDisposable {
  readonly session: EventConnection;
  /** Opens the session of another source. */
  second(): Promise<EventConnection>;
  readonly heard: InputConnection;
}

/** Screens and what they show. */
export interface Display extends AsyncDisposable {
  screenshot(): Promise<Picture>;
}

/** Keys, pointers and touch screens of a machine. */
export interface Input extends AsyncDisposable {
  /** Presses keys together, such as `ctrl`, `alt` and `f2`, and releases them. */
  press(...keys: readonly string[]): Promise<void>;
  /** Moves a pointer that knows places, such as a tablet's: 0 to 1 on both axes. */
  point(x: number, y: number): Promise<void>;
  /** Puts fingers on a touch screen, or moves them; the others stay. */
  touch(...contacts: readonly Contact[]): Promise<void>;
  /** Lifts these fingers; all when none is named. */
  lift(...fingers: readonly number[]): Promise<void>;
}

/** What a machine plays. */
export interface SoundPart extends AsyncDisposable {
  record(duration: string | number): Promise<Sound>;
}

export interface Parts {
  readonly uart: Line<UartConnection>;
  readonly terminal: Line<TerminalConnection>;
  readonly block: Disk;
  readonly nic: Network;
  readonly uplink: UplinkPart;
  readonly pins: PinsPart;
  readonly rom: Module;
  readonly report: Documents;
  readonly timer: TimerPart;
  readonly rtc: RtcPart;
  readonly log: LogPart;
  readonly gui: GuiPart;
  readonly framebuffer: FramebufferPart;
  readonly capture: CapturePart;
  readonly event: EventPart;
  readonly power: Power;
  readonly shell: CommandRunner;
  readonly display: Display;
  readonly input: Input;
  readonly sound: SoundPart;
}

export type NeedName = keyof Parts;

export const needNames: readonly NeedName[] = [
  "uart",
  "terminal",
  "block",
  "nic",
  "uplink",
  "pins",
  "rom",
  "report",
  "timer",
  "rtc",
  "log",
  "gui",
  "framebuffer",
  "capture",
  "event",
  "power",
  "shell",
  "display",
  "input",
  "sound",
];
