export { Platform as PlatformInterface } from "./platform.generated.js";
export {
  type AcquireOptions,
  type HostGrant,
  type OpenOptions,
  Platform,
  PlatformConnection,
  type PlatformGrantKind,
  type PlatformOptions,
} from "./platform-connection.js";
