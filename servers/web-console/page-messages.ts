/** What page and server say to each other beside pictures and input: JSON texts, each one of these. */
import type { Finding, LogLine, SessionFlow, Usage } from "../../sessions/system/documents.js";

/** The sub-protocol that page and server speak. */
export const subProtocol = "bulkhead.web-console.1";
/** The page offers its token as another one, since it can give a WebSocket no header. */
export const tokenPrefix = "token.";

/** What a page can follow. It is sent what there is, and then what changes. */
export const topics = ["state", "usage", "flow", "log", "reports", "file"] as const;
export type Topic = (typeof topics)[number];

export type PageRequest =
  /** The topics that the page shows now; all others are not sent. */
  | { readonly type: "follow"; readonly topics: readonly Topic[] }
  /** Answered with an `answer` of the same id. */
  | { readonly type: "restart" | "kill"; readonly id: number; readonly component: string }
  | { readonly type: "check"; readonly id: number; readonly text: string }
  /** `base` is the text that was edited. */
  | { readonly type: "apply"; readonly id: number; readonly text: string; readonly base: string };

export type ServerMessage =
  | {
      readonly type: "hello";
      /** The label of this console. */
      readonly label: string;
      /** Whether there is a screen to show. */
      readonly screen: boolean;
      /** Whether the components can be seen. */
      readonly system: boolean;
    }
  /** The state report; docs/state.schema.json has its form. */
  | { readonly type: "state"; readonly state: unknown }
  | { readonly type: "usage"; readonly usage: Usage }
  /** All sessions' flow since each was opened, and when that was: milliseconds of a clock that only moves forward. */
  | { readonly type: "flow"; readonly time: number; readonly flows: readonly SessionFlow[] }
  /** Lines that are new, the oldest first; `first`: they replace what the page has. */
  | { readonly type: "log"; readonly first: boolean; readonly lines: readonly LogLine[] }
  | { readonly type: "report"; readonly name: string; readonly text: string; readonly failure?: string }
  | { readonly type: "file"; readonly text: string }
  | {
      readonly type: "answer";
      readonly id: number;
      /** Why it failed. */
      readonly failure?: string;
      /** Of a check. */
      readonly findings?: readonly Finding[];
    };

/** Close codes of the WebSocket beside the usual ones. */
export const closeCodes = { tooMuch: 4008, malformed: 4003 } as const;
