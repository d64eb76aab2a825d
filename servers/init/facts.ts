/** What the state report is made from: the facts of a running init, taken at one moment. */
import type { Json } from "../../base/schema.js";
import type { ChildState } from "./child-state.js";
import type { Init } from "./init.js";
import type { SessionPhase, SessionState } from "./session-state.js";
import {
  allFlags,
  type ChildFacts,
  type QuotaFacts,
  type StateDocument,
  type SystemFacts,
  stateReport,
} from "./state-report.js";

type SessionFacts = ChildFacts["requested"][number];

const sessionStates: Readonly<Record<SessionPhase, SessionFacts["state"]>> = {
  waiting: "CREATING",
  creating: "CREATING",
  open: "OPEN",
  upgrading: "UPGRADING",
  closing: "CLOSING",
  closed: "CLOSED",
};

function quotaFacts({ quota, available }: QuotaFacts): QuotaFacts {
  return { quota, available };
}

/** The client wrote them: they are JSON when the server has found them so. */
function argsFacts(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function sessionFacts(session: SessionState, peer: string | undefined): SessionFacts {
  const { service, phase, ram, caps, args } = session;
  return {
    service,
    label: session.fullLabel,
    state: sessionStates[phase],
    ram,
    caps,
    ...(peer !== undefined && { peer }),
    args: argsFacts(args),
  };
}

function childFacts(state: ChildState, sessions: readonly SessionState[]): ChildFacts {
  const { instance, node } = state;
  const process = instance?.process;
  const restartIn = state.restarts.startsIn;
  const serverOf = ({ route: { provider } }: SessionState): string | undefined =>
    provider.kind === "child" ? provider.name : undefined;
  return {
    name: state.name,
    id: state.lastId,
    state: state.phase,
    ...(process !== undefined && { isolation: process.isolation, notInForce: process.missing }),
    missing: state.missing,
    ...(state.end !== undefined && { end: state.end }),
    ...(state.lastFault !== undefined && { failure: state.lastFault }),
    restarts: state.restarts.recent(node.restart),
    ...(restartIn !== undefined && { restartIn }),
    // The newest heartbeat may still be answered.
    skippedHeartbeats: Math.max(0, (instance?.outstandingHeartbeats ?? 0) - 1),
    ...(instance?.account.open && { account: quotaFacts(instance.account), wanted: instance.wanted }),
    requested: sessions
      .filter(({ client }) => client === state.name)
      .map((session) => sessionFacts(session, serverOf(session))),
    provided: sessions
      .filter((session) => serverOf(session) === state.name)
      .map((session) => sessionFacts(session, session.client)),
    ...(instance?.inner.children && { children: instance.inner.children }),
  };
}

export function systemFacts(init: Init): SystemFacts {
  const sessions = [...init.sessions.values()];
  return {
    own: quotaFacts(init.ledger.root),
    children: new Map([...init.children.values()].map((state) => [state.name, childFacts(state, sessions)])),
  };
}

/** The state report with everything in it, whatever the system file asks for; on request without what nested inits say. */
export function wholeState(init: Init, inside = true): StateDocument {
  return stateReport(init.model, systemFacts(init), { ...allFlags, inside });
}
