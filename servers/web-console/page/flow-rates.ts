/** How fast things go through sessions: from what went through them at two moments. */
import type { SessionFlow } from "../../../sessions/system/documents.js";
import { sizeText } from "./elements.js";

export interface Rate {
  /** Bytes a second of messages and of packets' payload, both ways. */
  readonly bytes: number;
  /** Packets a second. */
  readonly packets: number;
}

/** What names a session for as long as it is open. */
export function sessionKey({ service, label }: { readonly service: string; readonly label: string }): string {
  return `${service} ${label}`;
}

/** `1.2 MB/s, 30 packets/s`; nothing where nothing goes. */
export function rateText({ bytes, packets }: Rate): string {
  const parts = [
    ...(bytes >= 1 ? [`${sizeText(bytes)}/s`] : []),
    ...(packets >= 1 ? [`${Math.round(packets)} packets/s`] : []),
  ];
  return parts.join(", ");
}

export class FlowRates {
  #before = new Map<string, SessionFlow>();
  #time = 0;
  /** By session. */
  readonly sessions = new Map<string, Rate>();
  /** Bytes a second by component, of all sessions that it uses and serves. */
  readonly components = new Map<string, number>();

  update(flows: readonly SessionFlow[], time: number): void {
    const seconds = (time - this.#time) / 1000;
    const before = this.#before;
    this.#time = time;
    this.#before = new Map(flows.map((flow) => [sessionKey(flow), flow]));
    this.sessions.clear();
    this.components.clear();
    for (const [key, now] of this.#before) {
      const earlier = before.get(key);
      if (earlier === undefined || seconds <= 0) continue;
      const bytesOf = ({ sent, received, packetBytes }: SessionFlow): number => sent + received + packetBytes;
      // One that was opened anew counts from 0.
      const bytes = Math.max(0, bytesOf(now) - bytesOf(earlier)) / seconds;
      this.sessions.set(key, { bytes, packets: Math.max(0, now.packets - earlier.packets) / seconds });
      for (const name of [now.client, now.server])
        if (name !== undefined) this.components.set(name, (this.components.get(name) ?? 0) + bytes);
    }
  }
}
