export {
  Capture as CaptureInterface,
  type CaptureArgs,
  type CaptureAttributes,
  type CaptureHandlers,
} from "./capture.generated.js";
export { Capture, CaptureConnection, type Captured, type CaptureOptions } from "./capture-connection.js";
export { CaptureSession, type CaptureSource, captureMostRects } from "./capture-server.js";
