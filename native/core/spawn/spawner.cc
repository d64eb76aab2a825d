#include "spawner.h"

#include <linux/kd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>

#include "device-grant.h"
#include "files.h"
#include "scheduling.h"

namespace bulkhead::spawn {

namespace {

void send_kill(const Component& component) {
  syscall(SYS_pidfd_send_signal, component.pidfd.number(), SIGKILL, nullptr, 0);
}

/** A name below /dev: relative, without "." or ".." steps. */
bool plain_device_name(const char* name) {
  if (*name == 0 || *name == '/') return false;
  for (const char* step = name; step != nullptr; step = strchr(step, '/')) {
    if (*step == '/') step++;
    const size_t length = strcspn(step, "/");
    if (length == 0 || strncmp(step, ".", length) == 0 ||
        (length == 2 && strncmp(step, "..", 2) == 0))
      return false;
  }
  return true;
}

}  // namespace

void Spawner::open() {
  authority_ = acquire_authority();
  groups_.open();
}

Component* Spawner::find(uint32_t id) {
  for (Component* component = components_; component != nullptr; component = component->next) {
    if (component->id == id) return component;
  }
  return nullptr;
}

bool Spawner::nested(uint32_t id, uint32_t ancestor) {
  for (const Component* component = find(id); component != nullptr;
       component = find(component->parent)) {
    if (component->parent == ancestor) return true;
  }
  return false;
}

void Spawner::kill_tree(Component& component) {
  for (Component* other = components_; other != nullptr; other = other->next) {
    if (other == &component || nested(other->id, component.id)) {
      if (!other->ended) send_kill(*other);
    }
  }
}

void Spawner::handle(std::span<const uint8_t> packet, std::span<Descriptor> descriptors) {
  Reader reader(packet);
  const auto type = static_cast<Message>(reader.u32());
  const uint32_t sequence = reader.u32();
  const uint32_t id = reader.u32();
  if (type == Message::create && reader.valid())
    return answer_create(reader, descriptors, sequence, id);
  if (type == Message::console && reader.valid())
    return answer_console(reader, descriptors, sequence);
  Component* component = find(id);
  Report report;
  if (!reader.valid()) {
    report.fail("request", -EINVAL, "Cannot understand a message of %zu bytes", packet.size());
  } else if (component == nullptr || component->ended || component->outcome) {
    report.fail("request", -ESRCH, "Cannot find a running component %u", id);
  } else {
    switch (type) {
      case Message::kill:
        kill_tree(*component);
        return send_done(sequence, id);
      case Message::resources:
        return answer_resources(reader, sequence, *component);
      case Message::grant_device:
        return answer_device(reader, sequence, *component, true);
      case Message::withdraw_device:
        return answer_device(reader, sequence, *component, false);
      case Message::usage:
        return answer_usage(sequence, *component);
      default:
        report.fail("request", -ENOSYS, "Cannot do message type %u", static_cast<unsigned>(type));
    }
  }
  send_failed(sequence, id, report);
}

void Spawner::answer_create(Reader& reader, std::span<Descriptor> descriptors, uint32_t sequence,
                            uint32_t id) {
  // Static: it is large, and there is one request at a time.
  static CreateRequest request;
  request.component = id;
  Report report;
  if (const int error = decode(reader, request); error != 0) {
    report.fail("request", error, "Cannot understand the request for component %u", id);
    return send_failed(sequence, id, report);
  }
  const Component* parent = request.parent == 0 ? nullptr : find(request.parent);
  if (find(id) != nullptr) {
    report.fail("request", -EEXIST, "Cannot create component %u", id);
    return send_failed(sequence, id, report);
  }
  if (request.parent != 0 && (parent == nullptr || parent->ended)) {
    report.fail("request", -ESRCH, "Cannot nest component %u in %u, which does not run", id,
                request.parent);
    return send_failed(sequence, id, report);
  }
  auto* component = new (std::nothrow) Component;
  if (component == nullptr) {
    report.fail("request", -ENOMEM, "Cannot keep component %u", id);
    return send_failed(sequence, id, report);
  }
  component->id = id;
  component->parent = request.parent;
  component->sequence = sequence;
  component->level = request.level;
  component->next = components_;
  components_ = component;
  if (create(request, descriptors, *component) != 0) {
    send_failed(sequence, id, component->report);
    component->ended = true;
  }
}

void Spawner::continue_start(Component& component) {
  Report report;
  const ssize_t length = read(component.outcome.number(), &report, sizeof report);
  if (length < 0) return;
  if (length == sizeof report) {
    // The child started from a copy of our report: keep its lines, then those that we added
    // meanwhile.
    Report ours = component.report;
    component.report = report;
    component.report.applied |= ours.applied;
    const size_t used = strlen(component.report.missing);
    const char* added = ours.missing + component.common_missing;
    snprintf(component.report.missing + used, sizeof component.report.missing - used, "%s", added);
    component.common_missing = strlen(component.report.missing) - strlen(added);
    // An earlier failure is the cause of what the child saw.
    if (ours.error != 0) component.report.fail(ours.stage, ours.error, "%s", ours.detail);
    component.ready = true;
    return;
  }
  conclude_start(component);
}

void Spawner::conclude_start(Component& component) {
  component.outcome.reset();
  if (component.report.error == 0 && component.ready) {
    Writer answer(Message::created, component.sequence, component.id);
    answer.i32(component.process);
    answer.u32(static_cast<uint32_t>(component.level));
    answer.u32(component.report.applied);
    answer.string(component.report.missing);
    return send(answer.bytes());
  }
  if (component.report.error == 0)
    component.report.fail("start", -ECHILD, "Component %u ended before it could start",
                          component.id);
  component.failed = true;
  send_failed(component.sequence, component.id, component.report);
}

void Spawner::finish(Component& component) {
  // What is still in the pipe comes first: `created` before `exited`.
  // Ready, then perhaps a failed exec, then the end.
  constexpr int most_reads = 3;
  for (int reads = 0; reads < most_reads && component.outcome; reads++) continue_start(component);
  if (component.outcome) conclude_start(component);
  siginfo_t info{};
  rusage used{};
  // The system call itself, which unlike its wrapper tells the resources that were used.
  if (syscall(SYS_waitid, P_PIDFD, component.pidfd.number(), &info, WEXITED, &used) != 0) return;
  component.ended = true;
  kill_tree(component);
  groups_.kill(component.groups);
  end_strays();
  if (component.failed) return;
  uint32_t flags = 0;
  if (info.si_code != CLD_EXITED) flags |= exit_by_signal;
  if (info.si_code == CLD_DUMPED) flags |= exit_dumped_core;
  if (groups_.out_of_memory(component.groups)) flags |= exit_out_of_memory;
  Writer event(Message::exited, 0, component.id);
  event.u32(flags);
  event.i32(info.si_status);
  event.u64((static_cast<uint64_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
             static_cast<uint64_t>(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) *
            1000);
  send(event.bytes());
}

void Spawner::end_strays() {
  // Without a process namespace, what a component forked comes to the spawner when its parent ends.
  char path[64];
  char children[4096];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  if (read_text(path, children, sizeof children) <= 0) return;
  for (char *text = children, *end = nullptr; *text != 0; text = end) {
    const auto process = static_cast<pid_t>(strtol(text, &end, 10));
    if (end == text) break;
    bool ours = process <= 0;
    for (const Component* component = components_; component != nullptr;
         component = component->next) {
      if (!component->ended && component->process == process) ours = true;
    }
    if (ours) continue;
    ::kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
  }
}

void Spawner::sweep() {
  for (Component** link = &components_; *link != nullptr;) {
    Component* component = *link;
    bool holds = !component->ended;
    for (const Component* other = components_; other != nullptr; other = other->next) {
      if (other->parent == component->id) holds = true;
    }
    if (holds) {
      link = &component->next;
      continue;
    }
    // Without a path of its own (a start refused early) this would name the common group.
    if (component->groups[0] != 0) groups_.remove(component->groups);
    if (component->user_slot != 0) {
      const uint32_t index = component->user_slot - 1;
      used_users_[index / 64] &= ~(uint64_t{1} << (index % 64));
    }
    *link = component->next;
    delete component;
    // Its parent may have waited for it, earlier in the list.
    link = &components_;
  }
}

void Spawner::close() {
  for (Component* component = components_; component != nullptr; component = component->next) {
    if (!component->ended) send_kill(*component);
  }
  for (Component* component = components_; component != nullptr; component = component->next) {
    if (component->ended) continue;
    pollfd waiting{component->pidfd.number(), POLLIN, 0};
    // A process in an uninterruptible call dies when the call ends; PDEATHSIG and the namespaces
    // see to it.
    if (poll(&waiting, 1, 2000) == 1) finish(*component);
    component->ended = true;
  }
  sweep();
  groups_.close();
  // Whoever drew on its screen has ended; the root would have done this, but is gone.
  if (console_) ioctl(console_.number(), KDSETMODE, KD_TEXT);
}

void Spawner::answer_resources(Reader& reader, uint32_t sequence, Component& component) {
  static ResourcesRequest request;
  Report report;
  report.applied = component.report.applied;
  if (const int error = decode(reader, request); error != 0) {
    report.fail("request", error, "Cannot understand the new resources of component %u",
                component.id);
    return send_failed(sequence, component.id, report);
  }
  if (const int error = groups_.change(component.groups, request.limits, request.scheduling.nice,
                                       component.process, report);
      error != 0) {
    report.fail("control groups", error, "Cannot change the limits of component %u", component.id);
    return send_failed(sequence, component.id, report);
  }
  if (request.limits.open_files != unchanged && request.limits.open_files != 0) {
    const rlimit limit{request.limits.open_files, request.limits.open_files};
    if (prlimit(component.process, RLIMIT_NOFILE, &limit, nullptr) != 0) {
      report.fail("limits", -errno, "Cannot change the limit of open files of component %u",
                  component.id);
      return send_failed(sequence, component.id, report);
    }
  }
  if (const int error =
          apply_scheduling(component.process, request.scheduling, request.affinity_given);
      error != 0) {
    report.fail("scheduling", error, "Cannot change priority or CPUs of component %u",
                component.id);
    return send_failed(sequence, component.id, report);
  }
  component.report.applied = report.applied;
  send_done(sequence, component.id);
}

void Spawner::answer_device(Reader& reader, uint32_t sequence, Component& component, bool grant) {
  const char* source = grant ? reader.string() : "";
  const char* name = reader.string();
  const bool writable = grant && (reader.u32() & bind_writable) != 0;
  Report report;
  if (!reader.complete() || !plain_device_name(name)) {
    report.fail("request", -EINVAL, "Cannot understand the device request for component %u",
                component.id);
  } else if (component.level != Level::full) {
    report.fail("request", -EOPNOTSUPP,
                "Cannot change /dev of component %u, which runs without namespaces", component.id);
  } else if (grant) {
    grant_device(component, source, name, writable, report);
  } else {
    withdraw_device(component, name, report);
  }
  if (report.error != 0) return send_failed(sequence, component.id, report);
  send_done(sequence, component.id);
}

void Spawner::answer_console(Reader& reader, std::span<Descriptor> descriptors, uint32_t sequence) {
  Report report;
  if (!reader.complete() || descriptors.size() > 1) {
    report.fail("request", -EINVAL, "Cannot understand which console is to be kept");
    return send_failed(sequence, 0, report);
  }
  console_.reset(descriptors.empty() ? -1 : descriptors[0].release());
  send_done(sequence, 0);
}

void Spawner::answer_usage(uint32_t sequence, Component& component) {
  const int64_t memory = groups_.memory_usage(component.groups);
  // The clock of a whole process, by the kernel's own encoding of clock numbers.
  const clockid_t clock =
      static_cast<clockid_t>((~static_cast<unsigned>(component.process) << 3) | 2);
  timespec time{};
  clock_gettime(clock, &time);
  Writer answer(Message::usage_report, sequence, component.id);
  answer.u64(memory < 0 ? unchanged_bytes : static_cast<uint64_t>(memory));
  answer.u64(static_cast<uint64_t>(time.tv_sec) * 1000000000 + static_cast<uint64_t>(time.tv_nsec));
  send(answer.bytes());
}

void Spawner::send(std::span<const uint8_t> bytes) {
  // The root reads this socket in its loop: when it is full, waiting is right. A closed one ends
  // the main loop.
  while (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

void Spawner::send_done(uint32_t sequence, uint32_t id) {
  send(Writer(Message::done, sequence, id).bytes());
}

void Spawner::send_failed(uint32_t sequence, uint32_t id, const Report& report) {
  Writer answer(Message::failed, sequence, id);
  answer.i32(report.error);
  answer.string(report.stage);
  answer.string(report.detail);
  answer.string(report.missing);
  send(answer.bytes());
}

}  // namespace bulkhead::spawn
