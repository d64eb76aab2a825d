export { Timer as TimerInterface } from "./timer.generated.js";
export { Timeout, Timer, type TimerConnection, type TimerOptions } from "./timer-connection.js";
