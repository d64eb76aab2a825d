/** Tests scale their waits with what runs them says. */
export { slowness } from "../../hil/slowness.js";
