// One job done by plain blocking calls: the whole of the inline engine's work and of one pool
// thread's.
#pragma once

#include "block-facts.h"
#include "block-request.h"

namespace bulkhead {

// Bytes moved, 0 after sync and trim, or -errno. A read or write ends short only where the device
// does.
int32_t transfer(int descriptor, const BlockFacts& facts, const BlockJob& job);

// Discards a range by the device's own means: it may take long, and what is read back is the
// device's choice.
int32_t discard(int descriptor, const BlockFacts& facts, uint64_t position, uint64_t length);

}  // namespace bulkhead
