export {
  PinState as PinStateInterface,
  type PinStateArgs,
  type PinStateEdge,
  PinStateEdges,
  type PinStateHandlers,
} from "./pin-state.generated.js";
export {
  type EdgeKind,
  Edges,
  type PinEdge,
  PinState,
  type PinStateConnection,
  type PinStateOptions,
} from "./pin-state-connection.js";
