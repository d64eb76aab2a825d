#include "i2c.h"

#include <linux/i2c-dev.h>
#include <linux/i2c.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "control.h"

namespace bulkhead {

namespace {

constexpr uint32_t milliseconds_per_unit = 10;
constexpr size_t longest_block = I2C_SMBUS_BLOCK_MAX;

// A transfer of SMBus, and the function bit that says whether an adapter can do it.
struct SmbusTransfer {
  uint32_t function;
  uint8_t direction;
  uint8_t command;
  uint32_t size;
};

// What control() does, but once: a signal may come when half of it is on the wires.
int transfer_once(int bus, unsigned long request, const void* argument) {
  const int status = ioctl(bus, request, argument);
  return status < 0 ? -errno : status;
}

uint16_t word(std::span<const uint8_t> bytes) {
  return static_cast<uint16_t>(bytes[0] | bytes[1] << 8);
}

int smbus(int bus, const SmbusTransfer& transfer, i2c_smbus_data* data, uint32_t functions) {
  if ((functions & transfer.function) != transfer.function) return -EOPNOTSUPP;
  i2c_smbus_ioctl_data request = {};
  request.read_write = transfer.direction;
  request.command = transfer.command;
  request.size = transfer.size;
  request.data = data;
  const int error = transfer_once(bus, I2C_SMBUS, &request);
  return error < 0 ? error : 0;
}

// One segment: nothing but the address, one byte, or a register and what is written into it.
int smbus_single(int bus, const I2cSegment& segment, uint32_t functions) {
  const std::span<uint8_t> bytes = segment.bytes;
  const uint8_t direction = segment.read ? I2C_SMBUS_READ : I2C_SMBUS_WRITE;
  if (bytes.empty())
    return smbus(bus, {I2C_FUNC_SMBUS_QUICK, direction, 0, I2C_SMBUS_QUICK}, nullptr, functions);
  i2c_smbus_data data = {};
  if (segment.read) {
    if (bytes.size() != 1) return -EOPNOTSUPP;
    const int error =
        smbus(bus, {I2C_FUNC_SMBUS_READ_BYTE, direction, 0, I2C_SMBUS_BYTE}, &data, functions);
    bytes[0] = data.byte;
    return error;
  }
  const uint8_t command = bytes[0];
  const std::span<uint8_t> value = bytes.subspan(1);
  if (value.empty())
    return smbus(bus, {I2C_FUNC_SMBUS_WRITE_BYTE, direction, command, I2C_SMBUS_BYTE}, nullptr,
                 functions);
  if (value.size() == 1) {
    data.byte = value[0];
    return smbus(bus, {I2C_FUNC_SMBUS_WRITE_BYTE_DATA, direction, command, I2C_SMBUS_BYTE_DATA},
                 &data, functions);
  }
  if (value.size() == 2 && (functions & I2C_FUNC_SMBUS_WRITE_WORD_DATA) != 0) {
    data.word = word(value);
    return smbus(bus, {I2C_FUNC_SMBUS_WRITE_WORD_DATA, direction, command, I2C_SMBUS_WORD_DATA},
                 &data, functions);
  }
  if (value.size() > longest_block) return -EOPNOTSUPP;
  data.block[0] = static_cast<uint8_t>(value.size());
  std::copy(value.begin(), value.end(), data.block + 1);
  return smbus(bus, {I2C_FUNC_SMBUS_WRITE_I2C_BLOCK, direction, command, I2C_SMBUS_I2C_BLOCK_DATA},
               &data, functions);
}

// A register, and what is read from it.
int smbus_register(int bus, uint8_t command, std::span<uint8_t> bytes, uint32_t functions) {
  i2c_smbus_data data = {};
  int error;
  if (bytes.size() == 1) {
    error =
        smbus(bus, {I2C_FUNC_SMBUS_READ_BYTE_DATA, I2C_SMBUS_READ, command, I2C_SMBUS_BYTE_DATA},
              &data, functions);
    bytes[0] = data.byte;
    return error;
  }
  if (bytes.size() == 2 && (functions & I2C_FUNC_SMBUS_READ_WORD_DATA) != 0) {
    error =
        smbus(bus, {I2C_FUNC_SMBUS_READ_WORD_DATA, I2C_SMBUS_READ, command, I2C_SMBUS_WORD_DATA},
              &data, functions);
    bytes[0] = static_cast<uint8_t>(data.word);
    bytes[1] = static_cast<uint8_t>(data.word >> 8);
    return error;
  }
  if (bytes.empty() || bytes.size() > longest_block) return -EOPNOTSUPP;
  data.block[0] = static_cast<uint8_t>(bytes.size());
  error =
      smbus(bus, {I2C_FUNC_SMBUS_READ_I2C_BLOCK, I2C_SMBUS_READ, command, I2C_SMBUS_I2C_BLOCK_DATA},
            &data, functions);
  if (error < 0) return error;
  // The adapter says how much came.
  if (data.block[0] != bytes.size()) return -EPROTO;
  std::copy_n(data.block + 1, bytes.size(), bytes.begin());
  return 0;
}

int smbus_transaction(int bus, std::span<const I2cSegment> segments, uint32_t functions) {
  if (segments.size() == 1) return smbus_single(bus, segments[0], functions);
  if (segments.size() != 2 || segments[0].read || !segments[1].read) return -EOPNOTSUPP;
  const std::span<uint8_t> written = segments[0].bytes;
  const std::span<uint8_t> wanted = segments[1].bytes;
  if (written.size() == 1) return smbus_register(bus, written[0], wanted, functions);
  if (written.size() != 3 || wanted.size() != 2) return -EOPNOTSUPP;
  i2c_smbus_data data = {};
  data.word = word(written.subspan(1));
  const int error =
      smbus(bus, {I2C_FUNC_SMBUS_PROC_CALL, I2C_SMBUS_WRITE, written[0], I2C_SMBUS_PROC_CALL},
            &data, functions);
  wanted[0] = static_cast<uint8_t>(data.word);
  wanted[1] = static_cast<uint8_t>(data.word >> 8);
  return error;
}

}  // namespace

int i2c_functions(int bus, uint32_t& functions) {
  unsigned long bits = 0;
  const int error = control(bus, I2C_FUNCS, &bits);
  functions = static_cast<uint32_t>(bits);
  return error < 0 ? error : 0;
}

int set_i2c_timeout(int bus, uint32_t milliseconds) {
  const uintptr_t units =
      milliseconds / milliseconds_per_unit + (milliseconds % milliseconds_per_unit != 0 ? 1 : 0);
  const int error = control(bus, I2C_TIMEOUT, reinterpret_cast<void*>(units));
  return error < 0 ? error : 0;
}

int transact_i2c(int bus, uint16_t address, std::span<const I2cSegment> segments) {
  if (segments.empty() || segments.size() > most_i2c_segments) return -EINVAL;
  uint32_t functions = 0;
  if (const int error = i2c_functions(bus, functions); error < 0) return error;
  // Refused where a driver of the kernel has the chip, which I2C_RDWR would not ask about.
  if (const int error = control(bus, I2C_SLAVE, reinterpret_cast<void*>(uintptr_t{address}));
      error < 0)
    return error;
  if ((functions & I2C_FUNC_I2C) == 0) return smbus_transaction(bus, segments, functions);
  std::array<i2c_msg, most_i2c_segments> messages = {};
  for (size_t index = 0; index < segments.size(); ++index) {
    const I2cSegment& segment = segments[index];
    messages[index].addr = address;
    messages[index].flags = segment.read ? I2C_M_RD : 0;
    messages[index].len = static_cast<uint16_t>(segment.bytes.size());
    messages[index].buf = segment.bytes.data();
  }
  i2c_rdwr_ioctl_data request = {messages.data(), static_cast<uint32_t>(segments.size())};
  const int done = transfer_once(bus, I2C_RDWR, &request);
  if (done < 0) return done;
  return static_cast<size_t>(done) == segments.size() ? 0 : -EIO;
}

}  // namespace bulkhead
