/**
 * What a component process runs first: loads the addon and the framework, waits for the parent's first message, then
 * becomes the component whose code that message brings. A parked process is one that waits here.
 *
 * Its bundle takes of the framework only what debugs: the framework is a bundle of its own, and a component's bundle
 * asks for its modules by name.
 */
import type { Module as NodeModule } from "node:module";
import { dirname } from "node:path";
import { type Native, nativeKey } from "../bindings/native-types.js";
import { type ModuleFunction, moduleFunction, moduleScript, runFramework } from "./compiled-code.js";
import { Debuggee } from "./debuggee.js";
import { useOwnStandardOutput } from "./standard-output.js";
import { lifelineDescriptor, type Start, type StartMessage, startDescriptor, startKey } from "./start.js";

const largestMessage = 64 * 1024;
/** The filter option that leaves io_uring, of native/core/spawn/tight-filter.h. */
const ioRingFilter = 1;

function loadNative(path: string): Native {
  const holder = { exports: {} as Native };
  process.dlopen(holder, path);
  return holder.exports;
}

/** A component's code, where its parent put it. */
class Code implements Disposable {
  readonly text: Uint8Array;
  /** What V8 made of it ahead: memory that the root sealed. */
  readonly compiled: Buffer | undefined;
  readonly #mapping: ReturnType<Native["mapDataspace"]>;

  constructor(descriptor: number, { codeBytes, compiledBytes }: Pick<StartMessage, "codeBytes" | "compiledBytes">) {
    this.#mapping = native.mapDataspace(descriptor, false);
    native.closeDescriptor(descriptor);
    const { buffer } = this.#mapping;
    this.text = Buffer.from(buffer, 0, codeBytes);
    this.compiled = compiledBytes === 0 ? undefined : Buffer.from(buffer, codeBytes, compiledBytes);
  }

  [Symbol.dispose](): void {
    native.unmapDataspace(this.#mapping.id, this.#mapping.buffer);
  }
}

/** A CommonJS module, with what Node's own loader uses of it. */
interface CodeModule {
  paths: string[];
  exports: object;
  require(name: string): unknown;
  _compile(code: string, filename: string): void;
}

useOwnStandardOutput();

const holder = globalThis as unknown as { [nativeKey]?: Native; [startKey]?: Start };
const native = loadNative(process.argv[2] as string);
holder[nativeKey] = native;
native.holdLifeline(lifelineDescriptor);
const framework = runFramework(process.argv[3] as string, require).modules;

type FirstMessage = ReturnType<Native["receiveMessage"]>;

function startMessage({ bytes }: FirstMessage): StartMessage {
  // private copy: a message of the socket.
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as StartMessage;
}

/** The module that the component's bundle will be, and the function by which that asks for others. */
function makeModule(): { readonly module: CodeModule; readonly require: NodeJS.Require } {
  // What this file is one of: to ask for "node:module" would take a start 0.8 ms.
  const Module = module.constructor as typeof NodeModule;
  const made = new Module(__filename) as unknown as CodeModule;
  // Where the package lies, in a root of its own and outside of one.
  made.paths = require.main?.paths ?? [];
  const fromNode = made.require;
  made.require = (name) => framework[name] ?? fromNode.call(made, name);
  // Node.js makes such a function only for code which it compiles itself.
  made._compile("module.exports = require", __filename);
  return { module: made, require: made.exports as NodeJS.Require };
}

const bundle = makeModule();

function functionOf(code: Code, file: string): ModuleFunction {
  using _ = code;
  return moduleFunction(moduleScript(code.text, file, code.compiled));
}

function evaluate(code: Code, file: string): void {
  const exports = (bundle.module.exports = {});
  functionOf(code, file)(exports, bundle.require, bundle.module, file, dirname(file));
}

/** The rest of this process: the component that the first message brings. */
function become(first: FirstMessage): void {
  // The parent changed its mind, or died: a parked process has nothing to clean up.
  if (first.length <= 0) process.exit(0);
  begin(first);
}

function begin(first: FirstMessage): void {
  const [socket, memory, code] = first.descriptors as [number, number, number];
  const message = startMessage(first);
  const debuggee = new Debuggee({ native, socket: startDescriptor, ownFile: __filename, file: message.file });
  holder[startKey] = { message, parent: { kind: "channel", descriptors: [socket, memory] }, debuggee };
  process.title = message.label.slice(0, 60);
  const loaded = new Code(code, message);
  if (message.filter !== undefined) {
    // The last ring that this process can make; a machine without io_uring has drivers that do without.
    if ((message.filter & ioRingFilter) !== 0) native.reserveIoRing();
    // Otherwise component() installs it.
    if (message.filterAfterMain !== true) native.installTightFilter(message.filter);
  }
  if (message.debug === true) debuggee.waitForDebugger();
  evaluate(loaded, message.file);
}

function receive(wait: boolean): FirstMessage {
  return native.receiveMessage(startDescriptor, largestMessage, wait);
}

/** Goes through the steps of a start as often as it takes until V8 has compiled them, and knows what they call. */
async function rehearse(): Promise<void> {
  const name = "parked";
  const message: StartMessage = { name, label: name, file: "/app/rehearsal.cjs", codeBytes: 0, compiledBytes: 0 };
  const bytes = Buffer.from(JSON.stringify(message));
  for (let count = 0; count < 4; ++count)
    begin({ length: bytes.length, bytes, descriptors: [-1, -1, native.createDataspace("rehearsal", 1)] });
  await (framework["bulkhead:lib/rehearsal"] as { rehearse(): Promise<void> }).rehearse();
}

const first = receive(false);
if (first.length >= 0) become(first);
// Nobody waits for this process yet.
else void rehearse().then(() => setImmediate(() => become(receive(true))));
