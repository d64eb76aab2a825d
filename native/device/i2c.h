// Transactions on an I2C bus: a descriptor of /dev/i2c-N. The address is the caller's to check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bulkhead {

// One part of a transaction, after a start condition of its own; the stop comes after the last.
struct I2cSegment {
  bool read;
  // Written, or filled by what was read.
  std::span<uint8_t> bytes;
};

// As many as the kernel takes in one transaction.
constexpr size_t most_i2c_segments = 42;

// What the bus's adapter can, as the kernel's I2C_FUNC_ bits: 0 or -errno.
int i2c_functions(int bus, uint32_t& functions);

// How long the adapter waits for a chip, in milliseconds, rounded up to ten: 0 or -errno.
int set_i2c_timeout(int bus, uint32_t milliseconds);

// Does the segments in one transaction. An adapter that does SMBus only gets the transfer of SMBus
// that puts the same on the wires; -EOPNOTSUPP where SMBus has none, or the adapter cannot do it.
// Nothing has moved then. 0, or -errno: -ENXIO, -EREMOTEIO or -ENODEV where no chip acknowledged,
// -EBUSY where a driver of the kernel has the address.
int transact_i2c(int bus, uint16_t address, std::span<const I2cSegment> segments);

}  // namespace bulkhead
