export {
  Uart as UartInterface,
  type UartArgs,
  type UartControlCounters,
  UartControlFlowControl,
  type UartControlLine,
  type UartControlModem,
  UartControlParity,
  type UartHandlers,
} from "./uart.generated.js";
export { Uart, UartConnection, type UartLine, type UartOptions } from "./uart-connection.js";
