/** The package's main entry: what a component imports. */
export { component } from "./component.js";
export { Dataspace, SharedBytes } from "./dataspace.js";
export { Env, OwnedDataspace } from "./env.js";
export { SessionError, SystemError } from "./errors.js";
export type { Call, CallOptions, Interface, Operation, RpcPort } from "./interface.js";
export type { Capability, Reader, Writer } from "./message.js";
export { s } from "./schema.js";
export type { SessionRequest } from "./server.js";
export { Session, type SessionOptions, type SessionType } from "./session.js";
