export { Nic as NicInterface, type NicArgs } from "./nic.generated.js";
export { Nic, type NicConnection, type NicOptions } from "./nic-connection.js";
export { NicSession, type NicSessionOptions } from "./nic-server.js";
