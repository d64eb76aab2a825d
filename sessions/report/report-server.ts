/** The server half of Report: a buffer, and private copies of what was left in it. */
import type { Dataspace } from "../../base/dataspace.js";
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import { formatSize } from "../../base/quantity.js";
import type { SessionRequest } from "../../base/server.js";
import { type ReportArgs, type ReportHandlers, Report as ReportInterface } from "./report.generated.js";

/** Where the reports of one session go. */
export interface ReportSink {
  /** Takes a report. What is thrown is the writer's answer. */
  submit(content: Uint8Array): void;
  /** The writer is gone. */
  close(): void;
}

export class ReportSession implements ReportHandlers {
  readonly #buffer: Dataspace;
  readonly #bufferSize: number;
  readonly #sink: ReportSink;

  private constructor(buffer: Dataspace, bufferSize: number, sink: ReportSink) {
    this.#buffer = buffer;
    this.#bufferSize = bufferSize;
    this.#sink = sink;
  }

  /**
   * Opens a session for reports of at most `largest` bytes. The writer pays for the buffer and for the copy that is
   * kept, so its quota bounds both. `sink` is asked last; what it throws refuses the session.
   */
  static async open(
    request: SessionRequest<ReportArgs>,
    largest: number,
    sink: () => ReportSink,
  ): Promise<ReportSession> {
    const { label, args, quota } = request;
    if (args.bufferSize < 1 || args.bufferSize > largest) {
      throw new SessionError(
        "Denied",
        `Cannot open the report "${label}" with a buffer of ${args.bufferSize} bytes: from 1 to ${formatSize(largest)} are permitted`,
      );
    }
    const needed = ReportInterface.ramQuota + 2 * args.bufferSize;
    if (quota.ram < needed)
      throw new SessionError(
        "InsufficientRam",
        `A report of ${args.bufferSize} bytes needs a donation of ${needed} bytes`,
      );
    return new ReportSession(await request.alloc(args.bufferSize), args.bufferSize, sink());
  }

  dataspace(): Capability {
    return this.#buffer.capability;
  }

  submit(length: number): void {
    if (length > this.#bufferSize)
      throw new SessionError(
        "TooLarge",
        `Cannot publish ${length} bytes: the session's buffer has ${this.#bufferSize}; open it with a larger buffer_size`,
      );
    this.#sink.submit(this.#buffer.bytes.copy(0, length));
  }

  /** Readers of a ROM have no way to answer. */
  obtainResponse(): number {
    return 0;
  }

  close(): void {
    this.#sink.close();
  }
}
