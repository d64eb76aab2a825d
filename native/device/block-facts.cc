#include "block-facts.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

namespace bulkhead {

namespace {

// Not in <linux/magic.h> of every release that we build on.
constexpr long hugetlbfs_magic = 0x958458f6;
constexpr uint32_t largest_block = 65536;

bool power_of_two(uint32_t value) { return value != 0 && (value & (value - 1)) == 0; }

int learn_device(int descriptor, BlockFacts& facts) {
  int logical = 0;
  unsigned physical = 0;
  int read_only = 0;
  if (ioctl(descriptor, BLKGETSIZE64, &facts.size) < 0) return -errno;
  if (ioctl(descriptor, BLKSSZGET, &logical) < 0) return -errno;
  if (ioctl(descriptor, BLKPBSZGET, &physical) < 0) return -errno;
  if (ioctl(descriptor, BLKROGET, &read_only) < 0) return -errno;
  facts.block_size = static_cast<uint32_t>(logical);
  facts.physical_block_size = physical;
  facts.read_only = facts.read_only || read_only != 0;

  // A range that no kernel accepts: whether the device can discard is tested before the range is.
  uint64_t misaligned[2] = {1, 1};
  facts.trim = !facts.read_only && ioctl(descriptor, BLKDISCARD, misaligned) < 0 && errno == EINVAL;
  return 0;
}

int learn_file(int descriptor, const struct stat& status, BlockFacts& facts) {
  facts.size = static_cast<uint64_t>(status.st_size);
  struct statfs system;
  if (fstatfs(descriptor, &system) < 0) return -errno;
  const long type = static_cast<long>(system.f_type);
  facts.memory_backed = type == TMPFS_MAGIC || type == RAMFS_MAGIC || type == hugetlbfs_magic;
  facts.physical_block_size = static_cast<uint32_t>(std::max<long>(system.f_bsize, 512));
  // Beyond the end nothing can be lost.
  facts.trim = !facts.read_only && fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                             status.st_size, 512) == 0;
  return 0;
}

// What direct I/O asks of addresses and positions, as far as the kernel says it; else the logical
// block.
void learn_alignment(int descriptor, uint32_t& memory, uint32_t& position) {
  struct statx facts = {};
  if (statx(descriptor, "", AT_EMPTY_PATH, STATX_DIOALIGN, &facts) == 0 &&
      (facts.stx_mask & STATX_DIOALIGN) != 0 && facts.stx_dio_offset_align != 0) {
    memory = facts.stx_dio_mem_align;
    position = facts.stx_dio_offset_align;
  }
}

// Some file systems accept the flag and then refuse every transfer, so only a read proves it.
bool direct_read_works(int descriptor, uint32_t length) {
  std::unique_ptr<void, decltype(&std::free)> memory(
      std::aligned_alloc(largest_block, largest_block), &std::free);
  return memory != nullptr && pread(descriptor, memory.get(), length, 0) >= 0;
}

void go_direct(int descriptor, BlockFacts& facts) {
  const int flags = fcntl(descriptor, F_GETFL);
  uint32_t memory = facts.block_size;
  uint32_t position = facts.block_size;
  learn_alignment(descriptor, memory, position);
  if (!power_of_two(memory) || !power_of_two(position) || position > largest_block) return;
  if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_DIRECT) < 0) return;

  for (uint32_t block : {position, 4096u}) {
    if (block < position || !direct_read_works(descriptor, block)) continue;
    facts.direct = true;
    facts.block_size = std::max(facts.block_size, block);
    facts.memory_alignment = std::max(memory, 1u);
    return;
  }
  fcntl(descriptor, F_SETFL, flags & ~O_DIRECT);
}

}  // namespace

int learn_block_facts(int descriptor, BlockFacts& facts) {
  struct stat status;
  if (fstat(descriptor, &status) < 0) return -errno;
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return -errno;
  if ((flags & O_ACCMODE) == O_WRONLY) return -EACCES;
  facts.read_only = (flags & O_ACCMODE) == O_RDONLY;

  int error = -ENOTBLK;
  if (S_ISBLK(status.st_mode)) {
    facts.kind = BlockKind::device;
    error = learn_device(descriptor, facts);
  } else if (S_ISREG(status.st_mode)) {
    facts.kind = BlockKind::file;
    error = learn_file(descriptor, status, facts);
  }
  if (error < 0) return error;

  if (facts.size > 0) go_direct(descriptor, facts);
  facts.physical_block_size = std::max(facts.physical_block_size, facts.block_size);
  facts.size -= facts.size % facts.block_size;
  return facts.size > 0 ? 0 : -ENXIO;
}

}  // namespace bulkhead
