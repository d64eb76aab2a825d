export type { ComponentUsage, Finding, LogLine, SessionFlow, Usage } from "./documents.js";
export { System as SystemInterface, type SystemArgs, type SystemHandlers } from "./system.generated.js";
export { System, type SystemConnection, type SystemOptions } from "./system-connection.js";
