export { Event as EventInterface, type EventArgs, eventCapacity } from "./event.generated.js";
export { Event, EventConnection, type EventOptions } from "./event-connection.js";
export { type Axis, axes, eventBytes, type InputEvent, readEvent, writeEvent } from "./event-record.js";
export { EventSession, type EventSink } from "./event-server.js";
export { HeldState, highestKey } from "./held-state.js";
