/** What a channel and whoever uses it say to each other. */
import type { SessionError } from "./errors.js";
import type { Reader } from "./message.js";

/** A message as it arrived: header words by value, payload and capabilities in the reader. */
export interface Incoming {
  kind: number;
  id: number;
  code: number;
  object: number;
}

/**
 * What a channel's user provides. An exception of a handler is the application's own and reaches the process as uncaught;
 * the session stays whole: what was taken is given back to the peer, and the rest follows in the next turn.
 */
export interface ChannelUser {
  /** One message. `reader` is valid during the call only. */
  message(incoming: Incoming, reader: Reader): void;
  /** The peer raised signal `number`, `count` times since the last report. */
  signal(number: number, count: number): void;
  /** The peer rang: packet streams beside the rings may have moved. */
  moved(): void;
  /** Room may have come in the outgoing ring. */
  room(): void;
  /** The session is over. Called once. */
  closed(reason: SessionError): void;
}
