export { namesAfter } from "./grant-names.js";
export {
  Platform as PlatformInterface,
  type PlatformArgs,
  type PlatformGrant,
  type PlatformHandlers,
  PlatformKind,
} from "./platform.generated.js";
export {
  type AcquireOptions,
  type HostGrant,
  type OpenOptions,
  Platform,
  PlatformConnection,
  type PlatformGrantKind,
  type PlatformOptions,
} from "./platform-connection.js";
