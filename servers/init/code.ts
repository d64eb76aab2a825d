/** Fetches a component's code: the ROM module that its binary route leads to. */

import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import { RpcClient } from "../../base/rpc-client.js";
import { native } from "../../bindings/native.js";
import { ROM } from "../../sessions/rom/rom.generated.js";
import type { Child } from "./child.js";
import type { Init } from "./init.js";
import type { Route } from "./routing.js";

export interface Code {
  readonly dataspace: Capability;
  readonly bytes: number;
  /** Of what V8 made of it, which lies behind it; 0: nothing. */
  readonly compiledBytes: number;
}

/**
 * The code that a child's binary route leads to. From the parent it comes as it is, where the parent has it at hand;
 * otherwise this opens the ROM session on the child's behalf and quota, takes the module's dataspace, and closes the
 * session.
 */
export async function fetchCode(init: Init, child: Child, { provider, label }: Route): Promise<Code> {
  const { parentSide } = init.options;
  if (provider.kind === "parent" && parentSide.code !== undefined) return parentSide.code(label);
  let ram: number = ROM.ramQuota;
  for (;;) {
    const { id, channel } = await init.sessions.request(child, "ROM", child.name, "{}", ram, ROM.capQuota + 2, {
      label: child.name,
      signal: new AbortController().signal,
    });
    const rom = new RpcClient(channel, `ROM "${child.name}"`);
    try {
      const { dataspace, length } = await ROM.client(rom.port()).dataspace({ within: "10s" });
      if (length === 0) throw new SessionError("NotFound", `The module of "${child.name}" is empty`);
      return {
        dataspace,
        bytes: Math.min(length, native.dataspaceBytes(dataspace.descriptors[0] as number)),
        compiledBytes: 0,
      };
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== "InsufficientRam") throw error;
      ram += Number(error.detail?.["bytes"] ?? ram);
    } finally {
      rom.close();
      await init.sessions.close(child, id);
    }
  }
}
