export { Report as ReportInterface, type ReportArgs, type ReportHandlers } from "./report.generated.js";
export { Report, type Reporter, type ReportOptions } from "./reporter.js";
