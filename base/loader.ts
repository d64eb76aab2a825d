/**
 * What a component process runs first: loads the addon, waits for the parent's first message, then becomes the
 * component whose code that message brings. A parked process is one that waits here.
 *
 * Its bundle has no state in common with the component's, which has its own copy of the framework.
 */
import { Module } from "node:module";
import { type Native, nativeKey } from "../bindings/native-types.js";
import { Debuggee } from "./debuggee.js";
import { type Start, type StartMessage, startDescriptor, startKey } from "./start.js";

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

// Opened before any filter: later the first write would open the stream, which the tight filter forbids.
void process.stdout;
void process.stderr;

const holder = globalThis as unknown as { [nativeKey]?: Native; [startKey]?: Start };
const native = loadNative(process.argv[2] as string);
holder[nativeKey] = native;

const first = native.receiveMessage(startDescriptor, largestMessage, true);
// The parent changed its mind, or died: a parked process has nothing to clean up.
if (first.length <= 0) process.exit(0);
const [socket, memory, code] = first.descriptors as [number, number, number];
// private copy: a message of the socket.
const message = JSON.parse(Buffer.from(first.bytes).toString("utf8")) as StartMessage;
const debuggee = new Debuggee({ native, socket: startDescriptor, ownFile: __filename, file: message.file });
holder[startKey] = { message, parent: { kind: "channel", descriptors: [socket, memory] }, debuggee };
process.title = message.label.slice(0, 60);

const source = loadCode(native, code, message.codeBytes);
type Compiler = { _compile(code: string, filename: string): void };
const bundle = new Module(message.file) as unknown as Compiler & { filename: string; paths: string[] };
bundle.filename = message.file;
// Where the package lies, in a root of its own and outside of one.
bundle.paths = require.main?.paths ?? [];
if (message.filter !== undefined) {
  // The last ring that this process can make; a machine without io_uring has drivers that do without.
  if ((message.filter & ioRingFilter) !== 0) native.reserveIoRing();
  // Otherwise component() installs it.
  if (message.filterAfterMain !== true) native.installTightFilter(message.filter);
}
if (message.debug === true) debuggee.waitForDebugger();
bundle._compile(source, message.file);
