// A line of a GPIO chip as an output, by the kernel's character device (version 2 of its
// interface). Both return 0 or -errno.
#pragma once

#include <cstdint>

#include "descriptor.h"

namespace bulkhead {

// Takes `line` of the chip at `chip`, and drives it to `high` at once. `consumer` is what others
// see as its holder. -EBUSY when somebody has it.
int request_output_line(int chip, uint32_t line, bool high, const char* consumer,
                        Descriptor& output);

// Drives a line that was taken.
int set_output_line(int output, bool high);

}  // namespace bulkhead
