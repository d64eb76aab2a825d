/** The kinds of a message's capabilities, as its header names them: 4 bits each, from the lowest. */
import { type Capability, type CapabilityKind, capabilityKinds, descriptorsOfKind } from "./message.js";

/** The first `count` kinds, or undefined when one of them is unknown. */
export function capabilityKindsOf(bits: number, count: number): CapabilityKind[] | undefined {
  const kinds: CapabilityKind[] = [];
  for (let i = 0; i < count; ++i) {
    const kind = capabilityKinds[((bits >>> (4 * i)) & 0xf) - 1];
    if (kind === undefined) return undefined;
    kinds.push(kind);
  }
  return kinds;
}

/** Capabilities of these kinds made of descriptors in their order, or undefined when their numbers do not match. */
export function capabilitiesOf(
  kinds: readonly CapabilityKind[],
  descriptors: readonly number[],
): Capability[] | undefined {
  let next = 0;
  const capabilities = kinds.map((kind) => {
    const start = next;
    next += descriptorsOfKind[kind];
    return { kind, descriptors: descriptors.slice(start, next) };
  });
  return next === descriptors.length ? capabilities : undefined;
}
