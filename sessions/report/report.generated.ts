// Generated from report.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const reportErrors: readonly string[] = ["TooLarge"];

/** What a client says when it opens a session of Report; the defaults are filled in. */
export interface ReportArgs {
  /**
   * Largest report, in bytes. The writer donates it twice on top of the session's quota: for the buffer, and for the
   * copy that the server keeps.
   */
  readonly bufferSize: number;
}

/**
 * A session of the service Report, as its client sees it.
 * Documents that a component publishes: state, results, configuration for others. One writer a label at a time.
 */
export interface ReportClient {
  /** The buffer that reports are written to before `submit`. */
  dataspace(options?: CallOptions): Promise<Capability>;
  /**
   * Publishes the first `length` bytes of the buffer.
   * @throws SessionError `TooLarge`
   */
  submit(length: number, options?: CallOptions): Promise<void>;
  /** Fetches what a reader answered into the buffer; 0 where there is none. */
  obtainResponse(options?: CallOptions): Promise<number>;
}

/** What a server of Report implements; a handler answers at once or with a promise. */
export interface ReportHandlers {
  /** The buffer that reports are written to before `submit`. */
  dataspace(call: Call): Capability | Promise<Capability>;
  /**
   * Publishes the first `length` bytes of the buffer.
   * @throws SessionError `TooLarge`
   */
  submit(length: number, call: Call): void | Promise<void>;
  /** Fetches what a reader answered into the buffer; 0 where there is none. */
  obtainResponse(call: Call): number | Promise<number>;
}

function decodeReportDataspaceReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeReportSubmitReply(reader: Reader): void {
  reader.end();
}

function decodeReportObtainResponseReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

class ReportProxy implements ReportClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  dataspace(options?: CallOptions): Promise<Capability> {
    this.#port.begin(0);
    return this.#port.call(reportErrors, 1, decodeReportDataspaceReply, options);
  }

  submit(length: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.u32(length);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(reportErrors, 0, decodeReportSubmitReply, options);
  }

  obtainResponse(options?: CallOptions): Promise<number> {
    this.#port.begin(2);
    return this.#port.call(reportErrors, 4, decodeReportObtainResponseReply, options);
  }
}

/** Documents that a component publishes: state, results, configuration for others. One writer a label at a time. */
export const Report: Interface<ReportClient, ReportHandlers, ReportArgs> = {
  name: "Report",
  version: 1,
  ramQuota: 49152,
  capQuota: 4,
  args: s.object({
    bufferSize: s.size({ default: 4096, doc: "Largest report, in bytes. The writer donates it twice on top of the session's quota: for the buffer, and for the copy that the server keeps." }),
  }),
  errors: reportErrors,
  signals: ["response"],
  operations: new Map<number, Operation<ReportHandlers>>([
    [0, {
      opcode: 0,
      name: "dataspace",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.dataspace(call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
    [1, {
      opcode: 1,
      name: "submit",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const length = reader.u32();
        reader.end();
        return handlers.submit(length, call);
      },
    }],
    [2, {
      opcode: 2,
      name: "obtainResponse",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.obtainResponse(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
  ]),
  client: (port) => new ReportProxy(port),
};
