/**
 * A HID device in the guest whose other end is the test: the guest's kernel gets descriptor and reports as from a bus,
 * and its own drivers make nodes of them (uhid).
 */
import { bounded, type WaitOptions } from "./deadline.js";
import type { GuestProcess, GuestProcesses } from "./guest-processes.js";

export interface HidIdentity {
  readonly name: string;
  readonly descriptor: Uint8Array;
  readonly vendor: number;
  readonly product: number;
  /** Feature reports as they are at first, by their number, each without it. */
  readonly features?: ReadonlyMap<number, Uint8Array>;
}

/** A report that the guest sent. */
export interface HidReport {
  readonly kind: "output" | "feature";
  /** As it was sent: its number first, if the device's reports have numbers. */
  readonly bytes: Buffer;
}

/** As the kernel has it: each event is as long as the longest. */
const eventBytes = 4376;
const dataBytes = 4096;
const event = {
  start: 2,
  output: 6,
  answerReport: 10,
  create: 11,
  input: 12,
  getReport: 9,
  setReport: 13,
  answerSetReport: 14,
} as const;
const usbBus = 3;
const inputOutputError = 5;
const featureKind = 0;

/**
 * Bytes from standard input to the kernel and back, an event at a time. Two processes, since each waits. A read that
 * waits within Node.js would keep one of its few threads.
 */
const script = `exec 3<>/dev/uhid || exit
dd bs=${eventBytes} status=none <&3 &
exec dd bs=${eventBytes} iflag=fullblock status=none >&3`;

export class HidDevice {
  readonly #name: string;
  readonly #process: GuestProcess;
  readonly #features: Map<number, Uint8Array>;
  readonly #reports: HidReport[] = [];
  #ended = false;
  #unread = Buffer.alloc(0);
  #tellStarted: () => void = () => {};
  #wake: () => void = () => {};
  #handler: ((report: HidReport) => void) | undefined;

  private constructor(processes: GuestProcesses, { name, features = new Map() }: HidIdentity) {
    this.#name = name;
    this.#features = new Map(features);
    this.#process = processes.start(["sh", "-c", script], {
      cwd: "/",
      onOutput: (bytes, stream) => {
        if (stream === "output") this.#take(bytes);
      },
    });
    const over = (): void => {
      this.#ended = true;
      this.#wake();
    };
    this.#process.end.then(over, over);
  }

  /** Makes the device, and waits until a driver of the guest has it. */
  static async create(processes: GuestProcesses, identity: HidIdentity, options: WaitOptions): Promise<HidDevice> {
    const { name, descriptor, vendor, product } = identity;
    if (descriptor.length > dataBytes)
      throw new RangeError(`The descriptor of "${name}" is longer than ${dataBytes} bytes`);
    const device = new HidDevice(processes, identity);
    const started = new Promise<void>((resolve) => {
      device.#tellStarted = resolve;
    });
    device.#write(event.create, (bytes) => {
      bytes.write(name.slice(0, 127), 0);
      bytes.write(name.slice(0, 63), 192); // its serial number
      bytes.writeUInt16LE(descriptor.length, 256);
      bytes.writeUInt16LE(usbBus, 258);
      bytes.writeUInt32LE(vendor, 260);
      bytes.writeUInt32LE(product, 264);
      bytes.set(descriptor, 276);
    });
    const failed = device.#process.end.then(({ errors }) => {
      throw new Error(`Cannot make "${name}" in the guest, whose kernel refuses it: ${errors.trim()}`);
    });
    try {
      await bounded(`a driver of the guest for "${name}"; is its descriptor right?`, started, options, failed);
      return device;
    } catch (error) {
      await device.remove();
      throw error;
    }
  }

  #write(type: number, fill: (bytes: Buffer) => void): void {
    if (this.#ended) throw new Error(`"${this.#name}" is no more: it was removed, or its machine ended`);
    const bytes = Buffer.alloc(eventBytes);
    bytes.writeUInt32LE(type);
    fill(bytes.subarray(4));
    this.#process.write(bytes);
  }

  #take(piece: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, piece]);
    while (this.#unread.length >= eventBytes) {
      const bytes = this.#unread.subarray(0, eventBytes);
      this.#unread = this.#unread.subarray(eventBytes);
      this.#handle(bytes.readUInt32LE(), bytes.subarray(4));
    }
  }

  #handle(type: number, bytes: Buffer): void {
    if (type === event.start) this.#tellStarted();
    else if (type === event.output)
      this.#received({ kind: "output", bytes: bytes.subarray(0, bytes.readUInt16LE(dataBytes)) });
    else if (type === event.getReport) this.#answerReport(bytes);
    else if (type === event.setReport) this.#takeReport(bytes);
  }

  #answerReport(bytes: Buffer): void {
    const number = bytes.readUInt8(4);
    const feature = bytes.readUInt8(5) === featureKind ? this.#features.get(number) : undefined;
    this.#write(event.answerReport, (answer) => {
      answer.writeUInt32LE(bytes.readUInt32LE());
      if (feature === undefined) return answer.writeUInt16LE(inputOutputError, 4);
      const report = number === 0 ? feature : [number, ...feature];
      answer.writeUInt16LE(report.length, 6);
      answer.set(report, 8);
    });
  }

  #takeReport(bytes: Buffer): void {
    const number = bytes.readUInt8(4);
    const report = bytes.subarray(8, 8 + bytes.readUInt16LE(6));
    const isFeature = bytes.readUInt8(5) === featureKind;
    if (isFeature) this.#features.set(number, Uint8Array.from(number === 0 ? report : report.subarray(1)));
    this.#write(event.answerSetReport, (answer) => answer.writeUInt32LE(bytes.readUInt32LE()));
    this.#received({ kind: isFeature ? "feature" : "output", bytes: report });
  }

  #received(report: HidReport): void {
    if (this.#handler !== undefined) return this.#handler(report);
    this.#reports.push(report);
    this.#wake();
  }

  /** Sends an input report: its number first, if the device's reports have numbers. */
  send(report: Uint8Array): void {
    if (report.length > dataBytes) throw new RangeError(`A report has at most ${dataBytes} bytes`);
    this.#write(event.input, (bytes) => {
      bytes.writeUInt16LE(report.length);
      bytes.set(report, 2);
    });
  }

  /** Sets what the guest reads as a feature report; without the report's number, which is 0 where there are none. */
  setFeature(number: number, bytes: Uint8Array): void {
    this.#features.set(number, Uint8Array.from(bytes));
  }

  /** Gives every report that the guest sends to `handler`, which may answer; {@link report} gets none any more. */
  onReport(handler: (report: HidReport) => void): void {
    this.#handler = handler;
    for (const report of this.#reports.splice(0)) handler(report);
  }

  /** Waits for the next report that the guest sends. */
  async report(options: WaitOptions = {}): Promise<HidReport> {
    let over = false;
    const search = async (): Promise<HidReport> => {
      while (!over) {
        const report = this.#reports.shift();
        if (report !== undefined) return report;
        if (this.#ended) throw new Error(`"${this.#name}" was removed, or its machine ended`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      throw new Error("Given up");
    };
    try {
      return await bounded(`a report of the guest for "${this.#name}"`, search(), options);
    } finally {
      over = true;
    }
  }

  /** Takes the device away, as if unplugged. */
  async remove(options: WaitOptions = {}): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.ended(options).catch((error: unknown) => {
      if (!this.#ended) throw error;
    });
  }
}
