export { LOG, type LOGArgs, type LOGHandlers } from "./log.generated.js";
export { Log, type LogConnection, type LogOptions } from "./log-connection.js";
