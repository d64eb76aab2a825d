export { System as SystemInterface, type SystemArgs, type SystemHandlers } from "./system.generated.js";
export { type LogLine, System, type SystemConnection, type SystemOptions } from "./system-connection.js";
