#include "line-settings.h"

// The kernel's own terminal structure: the C library's has no arbitrary rates, and the two cannot
// be included together.
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <sys/ioctl.h>

#include <cerrno>

namespace bulkhead {

namespace {

constexpr unsigned char xon = 0x11;
constexpr unsigned char xoff = 0x13;

struct ClassicRate {
  uint32_t rate;
  unsigned flag;
};

// Rates with a constant of their own are set by it, so that programs which know nothing else read
// them back.
constexpr ClassicRate classic_rates[] = {
    {50, B50},           {75, B75},           {110, B110},         {134, B134},
    {150, B150},         {200, B200},         {300, B300},         {600, B600},
    {1200, B1200},       {1800, B1800},       {2400, B2400},       {4800, B4800},
    {9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},
    {115200, B115200},   {230400, B230400},   {460800, B460800},   {500000, B500000},
    {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000},
    {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000},
    {3500000, B3500000}, {4000000, B4000000},
};

unsigned rate_flag(uint32_t rate) {
  for (const ClassicRate& classic : classic_rates) {
    if (classic.rate == rate) return classic.flag;
  }
  return BOTHER;
}

unsigned size_flags(uint32_t data_bits) {
  switch (data_bits) {
    case 5:
      return CS5;
    case 6:
      return CS6;
    case 7:
      return CS7;
    default:
      return CS8;
  }
}

uint32_t data_bits(unsigned flags) {
  switch (flags & CSIZE) {
    case CS5:
      return 5;
    case CS6:
      return 6;
    case CS7:
      return 7;
    default:
      return 8;
  }
}

unsigned parity_flags(Parity parity) {
  switch (parity) {
    case Parity::none:
      return 0;
    case Parity::even:
      return PARENB;
    case Parity::odd:
      return PARENB | PARODD;
    case Parity::mark:
      return PARENB | CMSPAR | PARODD;
    case Parity::space:
      return PARENB | CMSPAR;
  }
  return 0;
}

Parity parity(unsigned flags) {
  if ((flags & PARENB) == 0) return Parity::none;
  const bool odd = (flags & PARODD) != 0;
  if ((flags & CMSPAR) != 0) return odd ? Parity::mark : Parity::space;
  return odd ? Parity::odd : Parity::even;
}

}  // namespace

int read_line_settings(int descriptor, LineSettings& settings) {
  termios2 terminal;
  if (ioctl(descriptor, TCGETS2, &terminal) < 0) return -errno;
  settings.input_rate = terminal.c_ispeed;
  settings.output_rate = terminal.c_ospeed;
  settings.data_bits = data_bits(terminal.c_cflag);
  settings.parity = parity(terminal.c_cflag);
  settings.stop_bits = (terminal.c_cflag & CSTOPB) != 0 ? 2 : 1;
  settings.hardware_flow = (terminal.c_cflag & CRTSCTS) != 0;
  settings.software_flow = (terminal.c_iflag & (IXON | IXOFF)) != 0;
  settings.local = (terminal.c_cflag & CLOCAL) != 0;
  settings.hang_up = (terminal.c_cflag & HUPCL) != 0;
  settings.marks = (terminal.c_iflag & PARMRK) != 0;
  return 0;
}

int apply_line_settings(int descriptor, const LineSettings& settings) {
  if (settings.data_bits < 5 || settings.data_bits > 8 || settings.stop_bits < 1 ||
      settings.stop_bits > 2 || settings.parity > Parity::space || settings.input_rate == 0 ||
      settings.output_rate == 0) {
    return -EINVAL;
  }
  termios2 terminal;
  if (ioctl(descriptor, TCGETS2, &terminal) < 0) return -errno;

  terminal.c_iflag = 0;
  if (settings.software_flow) terminal.c_iflag |= IXON | IXOFF;
  // Marks make the kernel pass damaged characters on; without them a character with wrong parity
  // reads as it came.
  if (settings.marks) terminal.c_iflag |= PARMRK | (settings.parity != Parity::none ? INPCK : 0);
  terminal.c_oflag = 0;
  terminal.c_lflag = 0;

  terminal.c_cflag = CREAD | size_flags(settings.data_bits) | parity_flags(settings.parity);
  if (settings.stop_bits == 2) terminal.c_cflag |= CSTOPB;
  if (settings.hardware_flow) terminal.c_cflag |= CRTSCTS;
  if (settings.local) terminal.c_cflag |= CLOCAL;
  if (settings.hang_up) terminal.c_cflag |= HUPCL;
  terminal.c_cflag |= rate_flag(settings.output_rate);
  // An empty input rate means "the same", and stays so when a program that knows of one rate only
  // changes that.
  if (settings.input_rate != settings.output_rate)
    terminal.c_cflag |= rate_flag(settings.input_rate) << IBSHIFT;
  terminal.c_ispeed = settings.input_rate;
  terminal.c_ospeed = settings.output_rate;

  terminal.c_cc[VSTART] = xon;
  terminal.c_cc[VSTOP] = xoff;
  // A read returns what there is; waiting is done elsewhere.
  terminal.c_cc[VMIN] = 1;
  terminal.c_cc[VTIME] = 0;
  return ioctl(descriptor, TCSETSW2, &terminal) < 0 ? -errno : 0;
}

}  // namespace bulkhead
