/** Checks what a page sends. */
import { type Problem, s } from "../../base/schema.js";
import { type PageRequest, topics } from "./page-messages.js";

const id = s.integer({ min: 0 });
const component = s.string({ maxBytes: 64 });
/** Beyond any system file that fits into a session's buffer. */
const text = s.string({ maxBytes: 256 * 1024 });

const schemas = {
  follow: s.object({ type: s.string(), topics: s.array(s.enumeration(topics), { max: topics.length }) }),
  restart: s.object({ type: s.string(), id, component }),
  kill: s.object({ type: s.string(), id, component }),
  check: s.object({ type: s.string(), id, text }),
  apply: s.object({ type: s.string(), id, text, base: text }),
};

/** A request as it came; undefined when it is none. */
export function pageRequest(received: string): PageRequest | undefined {
  let document: unknown;
  try {
    document = JSON.parse(received);
  } catch {
    return undefined;
  }
  const type = (document as { type?: unknown } | null)?.type;
  if (typeof type !== "string" || !Object.hasOwn(schemas, type)) return undefined;
  const problems: Problem[] = [];
  const request = schemas[type as keyof typeof schemas].parse(document, [], problems);
  return problems.length === 0 ? (request as PageRequest) : undefined;
}
