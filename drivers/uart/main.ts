/** The UART driver: serial lines and pseudo-terminals as Uart and Terminal sessions. */
import { component } from "../../base/component.js";
import { readConfig } from "../../lib/config.js";
import { TerminalInterface } from "../../sessions/terminal/index.js";
import { UartInterface } from "../../sessions/uart/index.js";
import { configSchema } from "./config.js";
import { UartDriver } from "./driver.js";

component(async (env) => {
  const driver = await UartDriver.open(env, await readConfig(env, configSchema));
  await env.announce(UartInterface, (request) => driver.session(request, true));
  await env.announce(TerminalInterface, (request) => driver.session(request, false));
});
