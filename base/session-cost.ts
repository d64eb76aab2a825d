import { channel } from "./layout.js";

/** What a session costs its client beside what the server sees of the donation: the channel, which the parent makes. */
export const sessionCost = { ram: channel.bytes, caps: 2 } as const;
