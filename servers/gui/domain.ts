/** Domains: which part of the screen a client's views are on, in which layer, and what input reaches them. */
import { SessionError } from "../../base/errors.js";
import { policyFor } from "../../base/policy.js";
import { bounding, nowhere } from "../../lib/rectangle.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { colorNumber, configSchema, type DomainConfig, type GuiConfig } from "./config.js";

export class Domain {
  readonly name: string;
  readonly config: DomainConfig;
  readonly color: number;

  constructor(name: string, config: DomainConfig) {
    this.name = name;
    this.config = config;
    this.color = colorNumber(config.color);
  }

  /** Where 0, 0 of its views is. */
  origin(screen: Rect, pointer: Point): Point {
    const { origin, x, y } = this.config;
    if (origin === "pointer") return { x: pointer.x + x, y: pointer.y + y };
    return {
      x: screen.x + (origin.endsWith("right") ? screen.width : 0) + x,
      y: screen.y + (origin.startsWith("bottom") ? screen.height : 0) + y,
    };
  }

  /** The part of the screen beyond which its views are cut off. */
  area(screen: Rect, pointer: Point): Rect {
    const { origin, width, height } = this.config;
    if (origin === "pointer") return screen;
    const corner = this.origin(screen, pointer);
    const size = {
      width: Math.max(0, width > 0 ? width : screen.width + width),
      height: Math.max(0, height > 0 ? height : screen.height + height),
    };
    return {
      x: corner.x - (origin.endsWith("right") ? size.width : 0),
      y: corner.y - (origin.startsWith("bottom") ? size.height : 0),
      ...size,
    };
  }
}

/** The domains of a configuration, by what labels they are given to. */
export class Domains {
  readonly #config: GuiConfig;
  readonly #domains: ReadonlyMap<string, Domain>;
  readonly #open: Domain | undefined;

  /** @throws SessionError `InvalidArgument` where a policy names no domain */
  constructor(config: GuiConfig) {
    const { domains, policies, defaultPolicy } = config;
    this.#config = config;
    this.#domains = new Map(Object.entries(domains).map(([name, domain]) => [name, new Domain(name, domain)]));
    const named = [...policies, ...(defaultPolicy ? [defaultPolicy] : [])];
    for (const { domain } of named) {
      if (this.#domains.has(domain)) continue;
      const known = [...this.#domains.keys()].join(", ") || "none";
      throw new SessionError("InvalidArgument", `Cannot use the domain "${domain}" of a policy: known are ${known}`);
    }
    if (named.length === 0 && this.#domains.size === 0) this.#open = new Domain("default", openDomain());
  }

  /** @throws SessionError `Denied` without a policy */
  of(label: string): Domain {
    if (this.#open !== undefined) return this.#open;
    const { domain } = policyFor<{ readonly domain: string }>(this.#config, "Gui", label);
    return this.#domains.get(domain) as Domain;
  }
}

function openDomain(): DomainConfig {
  return configSchema.parse({ domains: { default: {} } }, [], []).domains["default"] as DomainConfig;
}

/** The screen that these displays make up. */
export function unionOf(rects: readonly Rect[]): Rect {
  return rects.reduce(bounding, nowhere);
}
