/** One session between a client and a server, as its parent sees it. */
import { prefixed } from "../../base/label.js";
import type { Capability } from "../../base/message.js";
import type { ParentRequestKind, ParentSessionRequest } from "../../base/parent/parent.generated.js";
import type { Account } from "../../base/quota.js";
import type { Destination } from "./difference.js";
import type { OutsideSession } from "./parent-side.js";

/** Phases as the state report prints them. */
export type SessionPhase = "waiting" | "creating" | "open" | "upgrading" | "closing" | "closed";

/** Who waits for the session; told once. */
export interface SessionAnswer {
  /** Takes over the client's end; undefined for a forwarded session, whose client has it already. */
  readonly granted: (clientEnd: Capability | undefined) => void;
  readonly refused: (error: Error) => void;
}

/** What is known of a session from the beginning. */
export interface SessionOrder {
  /** Name of the child that asked; undefined for a session that this init's own parent asked for. */
  readonly client: string | undefined;
  readonly service: string;
  /** What the client asked for, without its own name; of a forwarded session, the full label. */
  readonly label: string;
  readonly args: string;
  readonly ram: number;
  readonly caps: number;
  readonly route: Destination;
  /** The rule that led there. */
  readonly rule?: string;
  readonly answer: SessionAnswer;
  /** Of a forwarded session: the server's end, which came with the request, and the parent's number for it. */
  readonly forwarded?: { readonly serverEnd: Capability; readonly id: number };
}

let nextId = 1;

export class SessionState {
  /** The client's number for it; the server knows it by {@link serverId}. Never used twice, so a late answer meets nobody. */
  readonly id = nextId++;
  readonly serverId = nextId++;
  readonly client: string | undefined;
  readonly service: string;
  readonly label: string;
  readonly args: string;
  /** Changes only while the session waits. */
  route: Destination;
  rule: string | undefined;
  phase: SessionPhase = "waiting";
  ram: number;
  caps: number;
  /** Absent once the client has its answer. */
  answer: SessionAnswer | undefined;
  /** The donation, from the moment the request goes to the server. */
  account: Account | undefined;
  /** The client's end, until the client takes it. */
  clientEnd: Capability | undefined;
  /** The server's end of a forwarded session, until the server takes it. */
  serverEnd: Capability | undefined;
  /** The parent's number for a forwarded session: it pays for the server's memory. 0 for all others. */
  readonly payer: number;
  /** The session at the other side, when the parent of this init serves it. */
  outside: OutsideSession | undefined;
  /** Withdraws the request from the parent of this init, while it has not answered. */
  withdraw: (() => void) | undefined;
  /** Gives back what the channel cost init itself. */
  freeChannel: (() => void) | undefined;
  /** Upgrades that the server has not confirmed yet, oldest first. */
  readonly upgrades: { readonly confirmed: () => void; readonly failed: (error: Error) => void }[] = [];
  /** How often it ended before it was open. */
  attempts = 0;
  /** Ends the wait for a server that does not confirm the end. */
  closeTimer: NodeJS.Timeout | undefined;
  /** Resolves when the server has confirmed the end, or cannot any more. */
  readonly ended: Promise<void>;
  end: () => void = () => {};

  constructor({ client, service, label, args, ram, caps, route, rule, answer, forwarded }: SessionOrder) {
    this.client = client;
    this.service = service;
    this.label = label;
    this.args = args;
    this.ram = ram;
    this.caps = caps;
    this.route = route;
    this.rule = rule;
    this.answer = answer;
    this.serverEnd = forwarded?.serverEnd;
    this.payer = forwarded?.id ?? 0;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  /** With the name of the child that asked in front. */
  get fullLabel(): string {
    return this.client === undefined ? this.label : prefixed(this.client, this.label);
  }

  /** Name of the child that serves it; undefined when init or its parent does. */
  get server(): string | undefined {
    const { provider } = this.route;
    return provider.kind === "child" ? provider.name : undefined;
  }

  get providerName(): string {
    const { provider } = this.route;
    return provider.kind === "child" ? provider.name : provider.kind === "parent" ? "the parent" : "init";
  }

  /** What the server is told about it. */
  message(kind: ParentRequestKind, ram: number, caps: number): ParentSessionRequest {
    const { serverId, service, route } = this;
    return { kind, serverId, service, label: route.label, args: "", ram, caps, channel: undefined };
  }
}
