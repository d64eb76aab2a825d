#include "files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "descriptor.h"

namespace bulkhead::spawn {

int write_text(const char* path, const char* text) {
  const Descriptor file(open(path, O_WRONLY | O_CLOEXEC));
  if (!file) return -errno;
  return write(file.number(), text, strlen(text)) < 0 ? -errno : 0;
}

ssize_t read_text(const char* path, char* text, size_t size) {
  text[0] = 0;
  const Descriptor file(open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return -errno;
  size_t length = 0;
  while (length + 1 < size) {
    const ssize_t got = read(file.number(), text + length, size - 1 - length);
    if (got < 0) return -errno;
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  text[length] = 0;
  return static_cast<ssize_t>(length);
}

int make_parents(int directory, const char* path) {
  char step[4096];
  if (snprintf(step, sizeof step, "%s", path) >= static_cast<int>(sizeof step))
    return -ENAMETOOLONG;
  for (char* slash = strchr(step + 1, '/'); slash != nullptr; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (mkdirat(directory, step, 0755) != 0 && errno != EEXIST) return -errno;
    *slash = '/';
  }
  return 0;
}

}  // namespace bulkhead::spawn
