#include "request.h"

#include <cerrno>
#include <cstring>

namespace bulkhead::spawn {

namespace {

void decode_strings(Reader& reader, char* (&strings)[maximum_strings + 1]) {
  const uint32_t count = reader.count(maximum_strings);
  // execve's signature lacks const for historical reasons; nobody writes through these.
  for (uint32_t index = 0; index < count; index++)
    strings[index] = const_cast<char*>(reader.string());
  strings[count] = nullptr;
}

void decode_limits(Reader& reader, Limits& limits) {
  limits.memory = reader.u64();
  limits.processes = reader.u32();
  limits.open_files = reader.u32();
  limits.cpu_percent = reader.u32();
}

void decode_cpus(Reader& reader, Scheduling& scheduling) {
  scheduling.cpu_count = reader.count(maximum_cpus);
  for (uint32_t index = 0; index < scheduling.cpu_count; index++) {
    scheduling.cpus[index] = reader.u32();
    if (scheduling.cpus[index] >= maximum_cpus) reader.reject();
  }
}

/** Absolute, without "." or ".." or empty steps: so that no target leaves the new root. */
bool plain_absolute(const char* path) {
  if (path[0] != '/' || path[1] == 0) return false;
  for (const char* step = path; *step != 0;) {
    const char* name = step + 1;
    const char* end = strchrnul(name, '/');
    const size_t length = static_cast<size_t>(end - name);
    if (length == 0 || (length == 1 && name[0] == '.') ||
        (length == 2 && name[0] == '.' && name[1] == '.'))
      return false;
    step = end;
  }
  return true;
}

bool acceptable(const Bind& bind) {
  if ((bind.flags & ~all_bind_flags) != 0 || bind.source[0] != '/' || !plain_absolute(bind.target))
    return false;
  const bool below_dev = strncmp(bind.target, "/dev/", 5) == 0;
  return below_dev == ((bind.flags & bind_device) != 0) && strcmp(bind.target, "/dev") != 0;
}

}  // namespace

int decode(Reader& reader, CreateRequest& request) {
  request.parent = reader.u32();
  request.level = static_cast<Level>(reader.u32());
  request.required = reader.u32();
  request.permissions = reader.u32();
  request.user_hint = reader.u32();
  decode_limits(reader, request.limits);
  request.scheduling.nice = reader.i32();
  decode_cpus(reader, request.scheduling);
  decode_strings(reader, request.arguments);
  decode_strings(reader, request.environment);
  request.bind_count = reader.count(maximum_binds);
  for (uint32_t index = 0; index < request.bind_count; index++) {
    Bind& bind = request.binds[index];
    bind.source = reader.string();
    bind.target = reader.string();
    bind.flags = reader.u32();
    if (!acceptable(bind)) reader.reject();
  }
  request.descriptor_count = reader.count(maximum_descriptors);
  for (uint32_t index = 0; index < request.descriptor_count; index++) {
    request.descriptor_slots[index] = reader.u32();
    if (request.descriptor_slots[index] >= maximum_descriptors) reader.reject();
    for (uint32_t earlier = 0; earlier < index; earlier++) {
      if (request.descriptor_slots[earlier] == request.descriptor_slots[index]) reader.reject();
    }
    if (request.limits.open_files != 0 &&
        request.descriptor_slots[index] >= request.limits.open_files)
      reader.reject();
  }
  const bool known =
      request.level <= Level::seccomp && (request.permissions & ~all_permissions) == 0;
  if (!reader.complete() || !known || request.component == 0 || request.arguments[0] == nullptr)
    return -EINVAL;
  return 0;
}

int decode(Reader& reader, ResourcesRequest& request) {
  decode_limits(reader, request.limits);
  request.scheduling.nice = reader.i32();
  request.affinity_given = reader.u32() != 0;
  decode_cpus(reader, request.scheduling);
  return reader.complete() ? 0 : -EINVAL;
}

}  // namespace bulkhead::spawn
