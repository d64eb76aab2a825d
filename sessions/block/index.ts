export {
  Block as BlockInterface,
  type BlockArgs,
  type BlockHandlers,
  type BlockInfo,
  BlockOperation,
  BlockPacket,
  BlockStatus,
  blockSlots,
} from "./block.generated.js";
export { Block, BlockConnection, type BlockJob, type BlockOptions } from "./block-connection.js";
