/** The options of the block driver. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";

const rights = {
  writeable: s.boolean({ default: false, doc: "Whether its sessions may write. They must ask for it, too." }),
  offset: s.integer({ min: 0, max: Number.MAX_SAFE_INTEGER, default: 0, doc: "First block that its sessions see." }),
  blockCount: s.integer({
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    doc: "Blocks that they see; 0 means up to the end.",
  }),
};

export const configSchema = s.object({
  grant: s.string({ default: "disk", doc: "Name of the grant that holds the blocks: a file, a block device, or RAM." }),
  engine: s.enumeration(["automatic", "inline", "io_uring", "threads"], {
    default: "automatic",
    doc: "How transfers reach the device; `automatic` measures it.",
  }),
  depth: s.integer({
    min: 1,
    max: 4096,
    default: 256,
    doc: "Requests that the device gets at once, of all sessions together.",
  }),
  policies: s.array(s.object({ ...selectorFields, ...rights }), {
    default: [],
    doc: "Who sees which blocks, by label.",
  }),
  defaultPolicy: s
    .object(rights, { doc: "Serves what no policy matches; without it such sessions are denied." })
    .optional(),
});
export type BlockConfig = Infer<typeof configSchema>;
/** What a policy gives, however it was selected. */
export type BlockPolicy = Pick<BlockConfig["policies"][number], keyof typeof rights>;
