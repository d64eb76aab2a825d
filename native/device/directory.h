// A directory of the host, as a descriptor: what is in it, and files below it.
#pragma once

#include <string>
#include <vector>

#include "descriptor.h"

namespace bulkhead {

// The names in a directory, without "." and "..", in no order: 0 or -errno. At most `most` of them:
// -E2BIG where there are more.
int list_directory(int directory, size_t most, std::vector<std::string>& names);

// Opens a file below the directory by a path that neither leads out of it nor through a symbolic
// link: 0, or -errno, -EXDEV or -ELOOP for such a path.
int open_below(int directory, const std::string& path, bool writeable, Descriptor& file);

}  // namespace bulkhead
