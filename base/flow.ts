/** Tells a parent what goes through its child's sessions, when it asks. Nobody counts for it: the rings' indices do. */
import type { ParentClient, ParentFlow } from "./parent/parent.generated.js";
import type { Flow } from "./rpc-end.js";

/** So many fit a message. */
const mostFlows = 24;

/** An open session of a client. */
export interface Flowing {
  /** Its number at the parent. */
  readonly id: number;
  readonly flow: Flow;
}

/** Tells the parent of one's own sessions, and of those that others have at it by way of this component. */
export async function reportFlow(
  parent: Pick<ParentClient, "flow">,
  sessions: Iterable<Flowing>,
  others: readonly ParentFlow[],
): Promise<void> {
  const flows = [...[...sessions].map(({ id, flow }) => ({ session: id, ...flow })), ...others];
  for (let first = 0; first === 0 || first < flows.length; first += mostFlows) {
    const next = first + mostFlows;
    await parent.flow(flows.slice(first, next), next < flows.length);
  }
}
