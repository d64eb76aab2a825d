/**
 * One debugger's session with V8's inspector, in the component's only thread.
 *
 * V8 tells of a pause while the code stands still, and takes commands meanwhile. So a pause is a loop that serves the
 * debugger until it says how to go on: no second thread is needed, and the tight filter, which would forbid one, may be
 * in place. A pause in the code here is left before anybody hears of it.
 */
import type { InspectorNotification, Session } from "node:inspector";
import { pathToFileURL } from "node:url";

interface Command {
  readonly id: number;
  readonly method: string;
  readonly params?: object;
}

interface Paused {
  readonly callFrames: readonly { readonly location: { readonly scriptId: string } }[];
  readonly reason: string;
  readonly hitBreakpoints?: readonly string[];
}

/** Commands after which paused code runs on. */
const resuming = new Set(
  ["resume", "stepInto", "stepOver", "stepOut", "continueToLocation", "restartFrame", "disable"].map(
    (name) => `Debugger.${name}`,
  ),
);
/** Steps from a pause in Node.js's code to one elsewhere; some 200 were needed. */
const mostSteps = 5000;

export interface DebugSessionOptions {
  /** The file of this code, as V8 knows it. */
  readonly ownFile: string;
  /** The component's file. */
  readonly file: string;
  readonly send: (text: string) => void;
  /** Waits for the debugger, and carries out what it says. */
  readonly serve: () => void;
}

export class DebugSession {
  readonly #options: DebugSessionOptions;
  readonly #ownUrl: string;
  readonly #session: Session;
  /** URLs of scripts by V8's number. */
  readonly #scripts = new Map<string, string>();
  #blackbox: readonly string[] = [];
  #startBreakpoint: string | undefined;
  #paused = false;
  /** A pause was asked for: it comes as soon as code runs that is not Node.js's. */
  #pausing = false;
  #steps = 0;
  /** The code runs on without the debugger having heard that it stood. */
  #silent = false;
  #ended = false;
  /** The debugger has made its arrangements: the component may begin. */
  released = false;

  constructor(options: DebugSessionOptions) {
    this.#options = options;
    this.#ownUrl = pathToFileURL(options.ownFile).href;
    // Only now: nobody pays for what is rarely used.
    const inspector = require("node:inspector") as typeof import("node:inspector");
    this.#session = new inspector.Session();
    this.#session.connect();
    this.#session.on("inspectorNotification", (notification) => this.#notify(notification));
  }

  /** Carries out a command of the inspector protocol, and sends its answer. */
  command(text: string): void {
    let command: Command;
    try {
      command = JSON.parse(text) as Command;
    } catch (error) {
      return this.#send({ error: { code: -32_700, message: (error as Error).message } });
    }
    const { id, method, params } = command;
    try {
      this.#prepare(command);
      this.#session.post(method, params, (error, result) => {
        if (error === null && resuming.has(method)) this.#paused = false;
        this.#send(error === null ? { id, result } : { id, error: inspectorError(error) });
      });
    } catch (error) {
      this.#send({ id, error: { code: -32_600, message: (error as Error).message } });
    }
  }

  #prepare({ method, params }: Command): void {
    if (method === "Runtime.runIfWaitingForDebugger") this.released = true;
    if (method === "Debugger.setBlackboxPatterns")
      this.#blackbox = (params as { patterns?: readonly string[] } | undefined)?.patterns ?? [];
    if (method === "Debugger.pause" && !this.#paused) {
      this.#pausing = true;
      // The pause begins right here, and V8 drops one in code that the debugger does not want to see.
      if (this.#blackbox.length > 0) this.#post("Debugger.setBlackboxPatterns", { patterns: [] });
    }
  }

  /** Stops at the first line that the component runs. */
  breakOnStart(): void {
    const url = pathToFileURL(this.#options.file).href;
    this.#session.post("Debugger.setBreakpointByUrl", { url, lineNumber: 0, columnNumber: 0 }, (error, result) => {
      // A client that has not enabled the debugger, such as a profiler, wants no pause.
      if (error === null) this.#startBreakpoint = (result as { breakpointId: string }).breakpointId;
    });
  }

  /** Undoes all that the debugger did; paused code runs on. */
  end(): void {
    this.#ended = true;
    this.#pausing = false;
    this.#paused = false;
    this.#post("Debugger.disable");
    // Not inside a pause: V8 is in the middle of telling this session of it.
    setImmediate(() => this.#session.disconnect());
  }

  #send(message: object): void {
    if (!this.#ended) this.#options.send(JSON.stringify(message));
  }

  #post(method: string, params?: object): void {
    this.#session.post(method, params);
  }

  #notify(notification: InspectorNotification<object>): void {
    const { method, params } = notification;
    if (method === "Debugger.paused") return this.#pause(params as Paused);
    if (method === "Debugger.scriptParsed") {
      const { scriptId, url } = params as { scriptId: string; url: string };
      this.#scripts.set(scriptId, url);
    }
    if (method === "Debugger.resumed" && this.#silent) {
      this.#silent = false;
      return;
    }
    this.#send({ method, params });
  }

  #pause(params: Paused): void {
    if (this.#ended || this.#pass(params)) return;
    if (this.#pausing) {
      this.#pausing = false;
      if (this.#blackbox.length > 0) this.#post("Debugger.setBlackboxPatterns", { patterns: this.#blackbox });
    }
    this.#send({ method: "Debugger.paused", params: this.#withStart(params) });
    this.#paused = true;
    while (this.#paused) this.#options.serve();
  }

  /** Goes on by itself where the code that stands is not the component's. */
  #pass({ callFrames, reason }: Paused): boolean {
    const url = this.#scripts.get(callFrames[0]?.location.scriptId ?? "") ?? "";
    const own = url === this.#ownUrl || url.startsWith("node:inspector");
    const wanted = !own && !(this.#pausing && url.startsWith("node:"));
    if (wanted || ++this.#steps > mostSteps) {
      this.#steps = 0;
      return false;
    }
    this.#silent = true;
    // Out of our code as a whole, through that of Node.js step by step: it may call the component's.
    if (reason === "exception" || reason === "promiseRejection") this.#post("Debugger.resume");
    else this.#post(own ? "Debugger.stepOut" : "Debugger.stepInto");
    return true;
  }

  /** Tells of the first line as Node.js does, and forgets its breakpoint. */
  #withStart(params: Paused): Paused {
    const breakpointId = this.#startBreakpoint;
    if (breakpointId === undefined || params.hitBreakpoints?.includes(breakpointId) !== true) return params;
    this.#startBreakpoint = undefined;
    this.#post("Debugger.removeBreakpoint", { breakpointId });
    return { ...params, reason: "Break on start", hitBreakpoints: [] };
  }
}

/** Node.js makes an error object of the protocol's error, whose number and sentence are then in its message. */
function inspectorError({ message }: Error): { code: number; message: string } {
  const [, code, sentence] = /^Inspector error (-?\d+): (.*)$/s.exec(message) ?? [];
  return { code: Number(code ?? -32_000), message: sentence ?? message };
}
