/**
 * The errors that cross component boundaries.
 *
 * A session error is a value with a `code` that callers switch on; its message says what was tried,
 * on what, why it failed and what to do. Interface definitions add codes of their own
 * (`error DivisionByZero` in an .idl file arrives as `code: "DivisionByZero"`).
 */

/** Codes of the framework itself. On the wire they are the numbers below; interface errors start at 64. */
export const frameworkErrors = {
  /** The peer died or closed the session. */
  Disconnected: 1,
  /** The deadline of the call passed. */
  DeadlineExceeded: 2,
  /** The caller's AbortSignal fired. */
  Aborted: 3,
  /** The server does not know the operation. */
  UnknownOperation: 4,
  /** A message or descriptor does not have the shape that the interface defines. */
  Malformed: 5,
  /** The route or the server refused the session. */
  Denied: 6,
  /** The client's own quota does not cover the request. */
  OutOfRam: 7,
  OutOfCaps: 8,
  /** The server asks for a larger donation than the request carried. */
  InsufficientRam: 9,
  InsufficientCaps: 10,
  /** An argument is out of the range that the interface or the server allows. */
  InvalidArgument: 11,
  /** The handler failed in a way that the interface does not define. */
  Internal: 12,
  /** A device or file of the host failed; the message carries the system error. */
  Device: 13,
  /** What was asked for does not exist. */
  NotFound: 14,
  /** The operation is not possible in the present state. */
  Unavailable: 15,
} as const;

export type FrameworkErrorCode = keyof typeof frameworkErrors;

/** Interface-defined error codes start here on the wire, in the order in which the .idl file names them. */
export const firstInterfaceError = 64;

const frameworkErrorNames = new Map<number, FrameworkErrorCode>(
  Object.entries(frameworkErrors).map(([name, code]) => [code, name as FrameworkErrorCode]),
);

/** The name of a framework error on the wire, or undefined for numbers that this version does not know. */
export function frameworkErrorName(code: number): FrameworkErrorCode | undefined {
  return frameworkErrorNames.get(code);
}

/** A failure that a session interface defines. `code` is a {@link FrameworkErrorCode} or an error name of the interface. */
export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code: string;
  /** Structured facts beside the message: for a denial `{ stage, rule, component, reason, path }`, see denial.ts. */
  readonly detail: Readonly<Record<string, unknown>> | undefined;

  constructor(code: string, message: string, detail?: Record<string, unknown>) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** A system call of the native layer that failed. `code` is the errno's name, such as `"EACCES"`. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
  readonly path: string | undefined;
  readonly hint: string | undefined;

  constructor(facts: { code: string; errno: number; syscall: string; message: string; path?: string; hint?: string }) {
    super(facts.message);
    this.code = facts.code;
    this.errno = facts.errno;
    this.syscall = facts.syscall;
    this.path = facts.path;
    this.hint = facts.hint;
  }
}

/** What a program may rely on when it caught something unknown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * An error about what a peer sent. It has no stack, which would cost more than everything else about a bad message and
 * tell nothing: the peer chooses how often it happens.
 */
export function peerError(code: FrameworkErrorCode, message: string): SessionError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new SessionError(code, message);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
