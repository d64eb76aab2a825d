export {
  Input as InputInterface,
  type InputArgs,
  type InputClient,
  type InputHandlers,
  inputCapacity,
} from "./input.generated.js";
export { Input, InputConnection, type InputOptions } from "./input-connection.js";
export { InputQueue } from "./input-queue.js";
export { InputSession } from "./input-server.js";
