export { Report as ReportInterface, type ReportArgs, type ReportHandlers } from "./report.generated.js";
export { ReportSession, type ReportSink } from "./report-server.js";
export { Report, type Reporter, type ReportOptions } from "./reporter.js";
