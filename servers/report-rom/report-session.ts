/** The server half of Report: one writer of one label. */
import type { Dataspace } from "../../base/dataspace.js";
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import { formatSize } from "../../base/quantity.js";
import type { SessionRequest } from "../../base/server.js";
import type { Document } from "../../lib/document.js";
import { type ReportArgs, type ReportHandlers, ReportInterface } from "../../sessions/report/index.js";
import type { Reports } from "./reports.js";

export class ReportSession implements ReportHandlers {
  readonly #label: string;
  readonly #reports: Reports;
  readonly #buffer: Dataspace;
  readonly #bufferSize: number;
  readonly #document: Document;

  private constructor(request: SessionRequest<ReportArgs>, reports: Reports, buffer: Dataspace) {
    this.#label = request.label;
    this.#reports = reports;
    this.#buffer = buffer;
    this.#bufferSize = request.args.bufferSize;
    this.#document = reports.write(request.label);
  }

  /** Opens a session. The writer pays for the buffer and for the copy that is kept, so its quota bounds both. */
  static async open(request: SessionRequest<ReportArgs>, reports: Reports, largest: number): Promise<ReportSession> {
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
    return new ReportSession(request, reports, await request.alloc(args.bufferSize));
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
    this.#document.replace(this.#buffer.bytes.copy(0, length));
  }

  /** Readers of a ROM have no way to answer. */
  obtainResponse(): number {
    return 0;
  }

  close(): void {
    this.#reports.release(this.#label);
  }
}
