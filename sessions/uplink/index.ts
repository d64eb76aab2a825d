export { Uplink as UplinkInterface, type UplinkArgs } from "./uplink.generated.js";
export { Uplink, type UplinkConnection, type UplinkOptions } from "./uplink-connection.js";
export { UplinkSession, type UplinkSessionOptions } from "./uplink-server.js";
