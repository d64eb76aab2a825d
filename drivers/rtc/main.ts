/** The RTC driver: the machine's real-time clock, or the system's, as Rtc sessions. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { Report } from "../../sessions/report/index.js";
import { RtcInterface } from "../../sessions/rtc/index.js";
import { configSchema } from "./config.js";
import { RtcDriver } from "./driver.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const report = config.current.report ? await env.connect(Report, { label: "clock" }) : undefined;
  const publish = ({ clock }: RtcDriver): void => {
    report
      ?.publish({ ...clock.facts, present: clock.present })
      .catch((error: unknown) => console.error(`Cannot report the clock: ${String(error)}`));
  };
  const driver = await RtcDriver.open(env, config.current, publish);
  config.follow((next) => driver.configure(next), ["grant", "standIn", "report"]);
  publish(driver);
  console.log(driver.description);
  await env.announce(RtcInterface, (request) => driver.session(request));
});
