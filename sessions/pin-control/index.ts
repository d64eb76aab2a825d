export {
  PinControl as PinControlInterface,
  type PinControlArgs,
  type PinControlHandlers,
} from "./pin-control.generated.js";
export { PinControl, type PinControlConnection, type PinControlOptions } from "./pin-control-connection.js";
