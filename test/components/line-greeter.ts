/** Says hello to whoever comes to its serial line. */
import { component } from "../../base/index.js";
import { Uart } from "../../sessions/uart/index.js";

component(async (env) => {
  const uart = await env.connect(Uart);
  uart.onConnectedChange(() => void greet());
  const greet = async (): Promise<void> => {
    if (await uart.connected()) await uart.write("hello");
  };
  console.log("ready");
});
