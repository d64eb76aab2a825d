/** Lines as tests get them: a session with its console, and the far end where there is one. */
import type { TerminalConnection } from "../sessions/terminal/index.js";
import { type ByteStream, Console, type Witness } from "./console.js";
import type { Line } from "./parts.js";
import type { RunFolder } from "./run-folder.js";

/** A session of a line as a stream of bytes. */
function stream(session: TerminalConnection): ByteStream {
  return {
    write: (bytes) => session.write(bytes),
    bytes: (options) => session.bytes(options),
    close: () => session.close(),
  };
}

/** What comes goes to NAME.log, what is sent to the trace. */
function witness(name: string, files: RunFolder): Witness {
  return {
    received: (bytes) => files.append(`${name}.log`, bytes),
    // private copy: these bytes are the test's own
    sent: (bytes) => files.trace(name, "send", { text: Buffer.from(bytes).toString("latin1").slice(0, 200) }),
  };
}

export interface LinePartOptions {
  readonly name: string;
  readonly files: RunFolder;
  /** The other end. It sends back what comes until a test takes it. */
  readonly far?: ByteStream;
}

export class LinePart<Session extends TerminalConnection> extends Console implements Line<Session> {
  readonly session: Session;
  readonly #far: Console | undefined;

  constructor(session: Session, { name, files, far }: LinePartOptions) {
    super(name, stream(session), witness(name, files));
    this.session = session;
    this.#far = far && new Console(`the far end of ${name}`, far, witness(`${name}.far`, files));
    this.#far?.loop(true);
  }

  get far(): Console | undefined {
    this.#far?.loop(false);
    return this.#far;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#far?.close();
  }
}
