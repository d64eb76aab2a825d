/** Small files of /proc and /sys, and paths. */
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace bulkhead::spawn {

/** Writes `text` in one piece to an existing file; 0 or -errno. */
int write_text(const char* path, const char* text);
/** Reads at most `size - 1` bytes and ends them with zero; the length or -errno. */
ssize_t read_text(const char* path, char* text, size_t size);
/** Makes every missing directory above `path` (relative to `directory`), with mode 0755; 0 or
 * -errno. */
int make_parents(int directory, const char* path);

}  // namespace bulkhead::spawn
