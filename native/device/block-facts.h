// What an open descriptor of a block device or image file can do.
#pragma once

#include <cstdint>

namespace bulkhead {

enum class BlockKind : uint32_t { device = 0, file = 1 };

struct BlockFacts {
  BlockKind kind = BlockKind::file;
  uint64_t size = 0;                   // bytes, a multiple of block_size
  uint32_t block_size = 512;           // positions and lengths are multiples of it
  uint32_t physical_block_size = 512;  // what the medium writes at once
  uint32_t memory_alignment = 1;       // of addresses in buffers
  bool direct = false;                 // transfers bypass the page cache
  bool memory_backed = false;          // a file of tmpfs, ramfs, hugetlbfs: also a memfd
  bool read_only = false;
  bool trim = false;
};

// Learns the facts of `descriptor`, and switches its open file description to direct I/O where a
// trial read shows that it works. -ENOTBLK when it is neither a block device nor a regular file,
// -EACCES when it was opened for writing only, -ENXIO when it holds not even one block.
int learn_block_facts(int descriptor, BlockFacts& facts);

}  // namespace bulkhead
