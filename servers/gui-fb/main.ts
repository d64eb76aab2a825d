/** gui-fb: a view of a GUI server as a screen for a component that knows Framebuffer and Input only. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { FramebufferInterface } from "../../sessions/framebuffer/index.js";
import { InputInterface } from "../../sessions/input/index.js";
import { configSchema } from "./config.js";
import { NestedScreen } from "./nested-screen.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const screen = await NestedScreen.open(env, config.current);
  config.follow((next) => screen.configure(next));
  await env.announce(FramebufferInterface, (request) => screen.openFramebuffer(request));
  await env.announce(InputInterface, (request) => screen.openInput(request));
});
