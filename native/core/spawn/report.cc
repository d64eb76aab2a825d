#include "report.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace bulkhead::spawn {

const char* reason(int error) {
  // The "_np" spelling takes no locale, so it works in a static program without message catalogues.
  const char* text = strerrordesc_np(error < 0 ? -error : error);
  return text != nullptr ? text : "unknown error";
}

void Report::lack(const char* measure, const char* format, ...) {
  const size_t used = strlen(missing);
  const size_t room = sizeof missing - used;
  int length = snprintf(missing + used, room, "%s: ", measure);
  if (length < 0 || static_cast<size_t>(length) >= room) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(missing + used + length, room - static_cast<size_t>(length), format, arguments);
  va_end(arguments);
  const size_t end = strlen(missing);
  if (end + 1 < sizeof missing) memcpy(missing + end, "\n", 2);
}

int Report::fail(const char* at_stage, int failure, const char* format, ...) {
  error = failure;
  snprintf(stage, sizeof stage, "%s", at_stage);
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(detail, sizeof detail, format, arguments);
  va_end(arguments);
  if (length >= 0 && static_cast<size_t>(length) < sizeof detail) {
    snprintf(detail + length, sizeof detail - static_cast<size_t>(length), ": %s", reason(failure));
  }
  return failure;
}

}  // namespace bulkhead::spawn
