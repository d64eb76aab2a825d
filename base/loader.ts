/**
 * What a component process runs first: loads the addon and the framework, waits for the parent's first message, then
 * becomes the component whose code that message brings. A parked process is one that waits here.
 *
 * Its bundle takes of the framework only what debugs: the framework is a bundle of its own, and a component's bundle
 * asks for its modules by name.
 */
import { Module } from "node:module";
import { type Native, nativeKey } from "../bindings/native-types.js";
import { Debuggee } from "./debuggee.js";
import { runFramework } from "./framework-code.js";
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

function loadCode(native: Native, descriptor: number, bytes: number): string {
  const mapping = native.mapDataspace(descriptor, false);
  // private copy: text is never decoded from memory that somebody else may hold.
  const code = Buffer.from(Buffer.from(mapping.buffer, 0, bytes)).toString("utf8");
  native.unmapDataspace(mapping.id, mapping.buffer);
  native.closeDescriptor(descriptor);
  return code;
}

/** A CommonJS module before its code has run, with what Node's own loader uses of it. */
interface CodeModule {
  paths: string[];
  require(name: string): unknown;
  _compile(code: string, filename: string): void;
}

function emptyModule(file: string): CodeModule {
  const empty = new Module(file);
  empty.filename = file;
  return empty as unknown as CodeModule;
}

useOwnStandardOutput();

const holder = globalThis as unknown as { [nativeKey]?: Native; [startKey]?: Start };
const native = loadNative(process.argv[2] as string);
holder[nativeKey] = native;
native.holdLifeline(lifelineDescriptor);
const framework = runFramework(process.argv[3] as string).modules;

type FirstMessage = ReturnType<Native["receiveMessage"]>;

function startMessage({ bytes }: FirstMessage): StartMessage {
  // private copy: a message of the socket.
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as StartMessage;
}

function evaluate(source: string, file: string): void {
  const bundle = emptyModule(file);
  // Where the package lies, in a root of its own and outside of one.
  bundle.paths = require.main?.paths ?? [];
  const fromNode = bundle.require;
  bundle.require = (name) => framework[name] ?? fromNode.call(bundle, name);
  bundle._compile(source, file);
}

/** The rest of this process: the component that the first message brings. */
function become(first: FirstMessage): void {
  // The parent changed its mind, or died: a parked process has nothing to clean up.
  if (first.length <= 0) process.exit(0);
  const [socket, memory, code] = first.descriptors as [number, number, number];
  const message = startMessage(first);
  const debuggee = new Debuggee({ native, socket: startDescriptor, ownFile: __filename, file: message.file });
  holder[startKey] = { message, parent: { kind: "channel", descriptors: [socket, memory] }, debuggee };
  process.title = message.label.slice(0, 60);
  const source = loadCode(native, code, message.codeBytes);
  if (message.filter !== undefined) {
    // The last ring that this process can make; a machine without io_uring has drivers that do without.
    if ((message.filter & ioRingFilter) !== 0) native.reserveIoRing();
    // Otherwise component() installs it.
    if (message.filterAfterMain !== true) native.installTightFilter(message.filter);
  }
  if (message.debug === true) debuggee.waitForDebugger();
  evaluate(source, message.file);
}

function receive(wait: boolean): FirstMessage {
  return native.receiveMessage(startDescriptor, largestMessage, wait);
}

/** Goes through the steps of a start once, so that they are compiled. */
async function rehearse(): Promise<void> {
  process.title = "parked";
  startMessage({ length: 2, bytes: Buffer.from("{}"), descriptors: [] });
  evaluate(loadCode(native, native.createDataspace("rehearsal", 1), 0), "/app/rehearsal.cjs");
  await (framework["bulkhead:lib/rehearsal"] as { rehearse(): Promise<void> }).rehearse();
}

const first = receive(false);
if (first.length >= 0) become(first);
// Nobody waits for this process yet.
else void rehearse().then(() => setImmediate(() => become(receive(true))));
