export { Terminal as TerminalInterface, type TerminalArgs, terminalBufferHalf } from "./terminal.generated.js";
export { Terminal, type TerminalConnection, type TerminalOptions } from "./terminal-connection.js";
export { type FarEnd, TerminalSession } from "./terminal-server.js";
