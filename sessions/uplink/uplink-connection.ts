/** The client half of Uplink: what a network driver opens for its device. */
import type { Session, SessionType } from "../../base/session.js";
import { FrameConnection, type FrameOptions, openFrameSession } from "../../lib/frame-connection.js";
import { formatMacAddress, type MacAddress } from "../../lib/mac-address.js";
import {
  type UplinkArgs,
  type UplinkClient,
  type UplinkHandlers,
  Uplink as UplinkInterface,
} from "./uplink.generated.js";

export interface UplinkOptions extends FrameOptions {
  readonly macAddress: MacAddress;
}

/** A device's link: it is up as long as this session is open. */
export class UplinkConnection extends FrameConnection {
  static open(session: Session<UplinkClient, UplinkHandlers, UplinkArgs>): Promise<UplinkConnection> {
    return new UplinkConnection(session).opened();
  }
}

/** Ethernet frames as a network driver offers them. */
export const Uplink: SessionType<UplinkOptions, UplinkConnection> = {
  interface: UplinkInterface,
  async open(env, { macAddress, ...options }) {
    const more = { macAddress: formatMacAddress(macAddress) };
    return UplinkConnection.open(await openFrameSession(env, UplinkInterface, more, options));
  },
};
