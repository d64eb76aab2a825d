/** Prints the ROM "state", and every newer version of it, a line each. */
import { component } from "../../base/index.js";
import { Rom } from "../../sessions/rom/index.js";

component(async (env) => {
  const state = await env.connect(Rom, { label: "state" });
  const print = async (): Promise<void> => {
    const text = await state.text();
    if (text !== "") console.log(text);
  };
  state.onChange(() => void print());
  await print();
});
