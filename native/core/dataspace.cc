#include "dataspace.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace bulkhead {

namespace {
// Larger mappings get their pages at the first touch: all at once, 1.4 ms for 4 MiB, would be in
// the way of each session, and much of it is never touched by this process.
constexpr int64_t largest_populated = 1 << 20;

size_t page_bytes() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}
}  // namespace

int create_dataspace(const char* name, size_t bytes, bool final) {
  if (bytes == 0 || bytes > (size_t{1} << 40)) return -EINVAL;
  const size_t rounded = (bytes + page_bytes() - 1) / page_bytes() * page_bytes();
  int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  // Kernels before 6.3 do not know the flag.
  if (descriptor < 0 && errno == EINVAL)
    descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return -errno;
  int result = 0;
  if (ftruncate(descriptor, static_cast<off_t>(rounded)) != 0 ||
      fallocate(descriptor, 0, 0, static_cast<off_t>(rounded)) != 0 ||
      fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | (final ? F_SEAL_SEAL : 0)) != 0)
    result = -errno;
  if (result != 0) {
    close(descriptor);
    return result;
  }
  return descriptor;
}

int64_t dataspace_bytes(int descriptor) {
  const int seals = fcntl(descriptor, F_GET_SEALS);
  if (seals < 0) return errno == EINVAL ? -EPROTO : -errno;
  // Without this seal the peer could truncate the file under our mapping, which is SIGBUS.
  if ((seals & F_SEAL_SHRINK) == 0) return -EPROTO;
  struct stat facts {};
  if (fstat(descriptor, &facts) != 0) return -errno;
  return facts.st_size;
}

int map_dataspace(int descriptor, bool writable, Mapping& result) {
  const int64_t bytes = dataspace_bytes(descriptor);
  if (bytes < 0) return static_cast<int>(bytes);
  if (bytes == 0) return -EPROTO;
  const int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
  const int populate = bytes <= largest_populated ? MAP_POPULATE : 0;
  void* address =
      mmap(nullptr, static_cast<size_t>(bytes), protection, MAP_SHARED | populate, descriptor, 0);
  if (address == MAP_FAILED) return -errno;
  result = {address, static_cast<size_t>(bytes), writable};
  return 0;
}

int unmap_dataspace(Mapping& mapping) {
  if (mapping.address == nullptr) return 0;
  if (munmap(mapping.address, mapping.bytes) != 0) return -errno;
  mapping = {};
  return 0;
}

int seal_writes(int descriptor) {
  return fcntl(descriptor, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0 ? 0 : -errno;
}

int discard_pages(int descriptor) {
  struct stat facts {};
  if (fstat(descriptor, &facts) != 0) return -errno;
  return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, facts.st_size) == 0
             ? 0
             : -errno;
}

}  // namespace bulkhead
