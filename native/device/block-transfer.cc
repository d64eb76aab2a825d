#include "block-transfer.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace bulkhead {

namespace {

int32_t move(int descriptor, const BlockJob& job) {
  uint64_t done = 0;
  while (done < job.length) {
    const off_t position = static_cast<off_t>(job.position + done);
    const ssize_t moved = job.operation == BlockOperation::read
                              ? pread(descriptor, job.address + done, job.length - done, position)
                              : pwrite(descriptor, job.address + done, job.length - done, position);
    if (moved > 0) {
      done += static_cast<uint64_t>(moved);
    } else if (moved == 0) {
      break;
    } else if (errno != EINTR) {
      // What was moved before the failure is not reported: the caller may not rely on any of it.
      return -errno;
    }
  }
  return static_cast<int32_t>(done);
}

}  // namespace

int32_t discard(int descriptor, const BlockFacts& facts, uint64_t position, uint64_t length) {
  int status;
  do {
    if (facts.kind == BlockKind::device) {
      uint64_t range[2] = {position, length};
      status = ioctl(descriptor, BLKDISCARD, range);
    } else {
      status = fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                         static_cast<off_t>(position), static_cast<off_t>(length));
    }
  } while (status < 0 && errno == EINTR);
  return status < 0 ? -errno : 0;
}

int32_t transfer(int descriptor, const BlockFacts& facts, const BlockJob& job) {
  switch (job.operation) {
    case BlockOperation::read:
    case BlockOperation::write:
      return move(descriptor, job);
    case BlockOperation::sync:
      // On a block device too: it writes the page cache back and flushes the cache of the medium.
      // BLKFLSBUF does not flush the medium, and needs privileges.
      return fdatasync(descriptor) < 0 ? -errno : 0;
    case BlockOperation::trim:
      return discard(descriptor, facts, job.position, job.length);
  }
  return -EOPNOTSUPP;
}

}  // namespace bulkhead
