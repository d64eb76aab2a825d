/** Echoes for honest-client. */
import { component } from "../../base/index.js";
import { Echo } from "../support/echo.js";

component(async (env) => {
  await env.announce(Echo, () => ({
    echo: (bytes) => bytes,
    pass: (memory) => ({ ...memory, move: true }),
    note: () => {},
  }));
});
