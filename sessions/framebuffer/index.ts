export {
  Framebuffer as FramebufferInterface,
  type FramebufferArgs,
  type FramebufferBlit,
  type FramebufferClient,
  type FramebufferHandlers,
  type FramebufferMode,
  framebufferMaxBlits,
} from "./framebuffer.generated.js";
export {
  Framebuffer,
  FramebufferConnection,
  type FramebufferOptions,
  type FramebufferPort,
} from "./framebuffer-connection.js";
export { FramebufferSession, type Picture } from "./framebuffer-server.js";
