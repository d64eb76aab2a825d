#include "directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace bulkhead {

int list_directory(int directory, size_t most, std::vector<std::string>& names) {
  // The stream closes what it reads from.
  const int own = fcntl(directory, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return -errno;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(own), closedir);
  if (stream == nullptr) {
    const int error = -errno;
    close(own);
    return error;
  }
  // The place is that of all descriptors of this opening.
  rewinddir(stream.get());
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(stream.get());
    if (entry == nullptr) return -errno;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == most) return -E2BIG;
    names.emplace_back(name);
  }
}

int open_below(int directory, const std::string& path, bool writeable, Descriptor& file) {
  open_how how = {};
  how.flags = static_cast<uint64_t>((writeable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long opened = syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
  if (opened < 0) return -errno;
  file = Descriptor(static_cast<int>(opened));
  return 0;
}

}  // namespace bulkhead
