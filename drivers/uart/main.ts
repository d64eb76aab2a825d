/** The UART driver: serial lines and pseudo-terminals as Uart and Terminal sessions. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { Platform } from "../../sessions/platform/index.js";
import { TerminalInterface } from "../../sessions/terminal/index.js";
import { UartInterface } from "../../sessions/uart/index.js";
import { configSchema } from "./config.js";
import { UartDriver } from "./driver.js";

component(async (env) => {
  const [config, platform] = await Promise.all([ConfigFile.open(env, configSchema), env.connect(Platform)]);
  const driver = await UartDriver.open(platform, config.current);
  config.follow((next) => driver.configure(next));
  await env.announce(UartInterface, (request) => driver.session(request, true));
  await env.announce(TerminalInterface, (request) => driver.session(request, false));
});
