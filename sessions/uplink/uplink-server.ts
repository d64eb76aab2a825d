/** The server half of Uplink: the client is a driver, and frames from it are what its device received. */
import type { SessionRequest } from "../../base/server.js";
import { FrameSession, type FrameSessionOptions, type FrameStreams, makeStreams } from "../../lib/frame-session.js";
import { type MacAddress, parseMacAddress } from "../../lib/mac-address.js";
import type { UplinkArgs, UplinkHandlers } from "./uplink.generated.js";

/** A closed session is a link that went down. */
export type UplinkSessionOptions = FrameSessionOptions<UplinkSession>;

export class UplinkSession extends FrameSession<UplinkArgs> implements UplinkHandlers {
  /** The device's address. */
  readonly macAddress: MacAddress;

  private constructor(
    request: SessionRequest<UplinkArgs>,
    streams: FrameStreams,
    options: UplinkSessionOptions,
    macAddress: MacAddress,
  ) {
    super(request, streams, options);
    this.macAddress = macAddress;
  }

  /** Opens a session. The streams come from the driver's donation. */
  static async open(request: SessionRequest<UplinkArgs>, options: UplinkSessionOptions): Promise<UplinkSession> {
    const macAddress = parseMacAddress(request.args.macAddress);
    return new UplinkSession(request, await makeStreams(request), options, macAddress);
  }
}
