export {
  Rtc as RtcInterface,
  type RtcArgs,
  type RtcBattery,
  type RtcFacts,
  type RtcHandlers,
  type RtcTime,
} from "./rtc.generated.js";
export { Rtc, RtcConnection, type RtcOptions } from "./rtc-connection.js";
