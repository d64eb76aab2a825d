// What a program tells the service manager that started it (sd_notify(3)).
#pragma once

#include <string_view>

namespace bulkhead {

// Sends lines such as "READY=1\nSTATUS=all is well" as one datagram, without waiting for room.
// `address` is what the variable NOTIFY_SOCKET holds: an absolute path, or "@" and a name of the
// abstract namespace. Returns 0 or -errno; -EAFNOSUPPORT for any other kind of address, -EAGAIN
// when the manager does not read.
int send_notification(std::string_view address, std::string_view lines);

}  // namespace bulkhead
