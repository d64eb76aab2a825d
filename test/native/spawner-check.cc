/**
 * The spawner against the real kernel: what its components can do, cannot do, and leave behind.
 * usage: spawn-test SPAWNER PROBE [NODE]. Runs as every kind of user that the caller may become:
 * root, an ordinary user, each also with user namespaces forbidden (inside a namespace of the
 * test's own).
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>

#include "checks.h"
#include "escapes.h"
#include "situations.h"
#include "spawn-client.h"

namespace bulkhead::test {

namespace {

struct Programs {
  std::string spawner;
  std::string probe;
  std::string node;
};

std::string words(const Answer& answer) {
  return "message " + std::to_string(static_cast<uint32_t>(answer.type)) + ", number " +
         std::to_string(answer.number) + ", flags " + std::to_string(answer.flags) + ", applied " +
         std::to_string(answer.applied) + " " + answer.stage + " " + answer.detail + " " +
         answer.missing;
}

/** A dataspace of one page that its receivers may only read. */
int read_only_dataspace() {
  const int memory = memfd_create("dataspace", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  constexpr int future_write = 0x0010;
  if (memory < 0 || ftruncate(memory, 4096) != 0 ||
      fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | future_write | F_SEAL_SEAL) != 0) {
    throw std::runtime_error("Cannot make a sealed dataspace");
  }
  return memory;
}

class Suite {
 public:
  Suite(const Programs& programs, const Situation& situation)
      : programs_(programs),
        situation_(situation),
        checks_(situation.name),
        client_(programs.spawner),
        dataspace_(read_only_dataspace()) {
    listen_on_host();
  }

  Checks& run() {
    levels();
    for (const Level level : {Level::full, Level::landlock, Level::seccomp}) {
      if (level == Level::full && !situation_.full) continue;
      for (const Escape& escape : escapes) attempt(escape, level);
    }
    limits();
    requests();
    if (situation_.full) {
      devices();
      node();
    }
    nesting();
    strays();
    ending();
    sudden_end();
    return checks_;
  }

 private:
  Level highest() const { return situation_.full ? Level::full : Level::landlock; }

  Order probe(const char* attempt, Level level) const {
    Order order;
    const std::string path = level == Level::full ? "/probe" : programs_.probe;
    order.arguments = {path, attempt};
    order.environment = {"HOST=" + std::to_string(getpid()), "PORT=" + std::to_string(port_),
                         "ABSTRACT=" + abstract_};
    order.binds = {{programs_.probe, path}};
    order.descriptors = {{2, 2}, {4, dataspace_}};
    order.open_files = 64;
    order.level = level;
    return order;
  }

  /** Creates a component; its `created` or `failed`. */
  Answer create(const Order& order, uint32_t id) {
    client_.order(id, order);
    const auto answer = client_.receive();
    if (!answer) throw std::runtime_error("Cannot create: no answer in time");
    if (answer->type == Message::created) applied_ = answer->applied;
    return *answer;
  }
  Answer next() {
    const auto answer = client_.receive();
    return answer.value_or(Answer{});
  }
  Answer ask(Message type, uint32_t id, const Bytes& body = {}) {
    client_.send(type, id, body);
    return next();
  }
  /** Creates a component and waits for its end. */
  Answer outcome(const Order& order) {
    const Answer created = create(order, ++id_);
    return created.type == Message::created ? next() : created;
  }

  void listen_on_host() {
    abstract_ = "bulkhead-test-" + std::to_string(getpid());
    const int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    const int local = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    memcpy(name.sun_path + 1, abstract_.data(), abstract_.size());
    if (bind(tcp, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(tcp, 8) != 0 ||
        getsockname(tcp, reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
        bind(local, reinterpret_cast<sockaddr*>(&name),
             static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + abstract_.size())) != 0 ||
        listen(local, 8) != 0) {
      throw std::runtime_error("Cannot listen on the host");
    }
    port_ = ntohs(address.sin_port);
  }

  void levels() {
    const auto limited = [this](Level level) {
      Order order = probe("open file", level);
      order.memory = 64 << 20;
      order.processes = 32;
      order.cpu_percent = 50;
      return order;
    };
    Order order = limited(Level::full);
    Answer answer = create(order, ++id_);
    if (!situation_.full) {
      checks_.check(answer.type == Message::failed && answer.number < 0 &&
                        answer.stage == "namespaces" && !answer.detail.empty(),
                    "full isolation without user namespaces is refused with the reason",
                    words(answer));
      order = limited(Level::landlock);
      answer = create(order, ++id_);
    }
    next();
    const uint32_t always =
        no_new_privileges | no_capabilities | system_call_filter | open_file_limit | scheduling;
    const uint32_t spaces = mount_namespace | pid_namespace | network_namespace | ipc_namespace |
                            uts_namespace | cgroup_namespace | empty_root;
    const uint32_t wanted = always | (situation_.full ? spaces : 0) |
                            (situation_.user_namespace ? user_namespace : 0u) |
                            (situation_.own_user ? own_user : 0u);
    checks_.check((answer.applied & wanted) == wanted, "the promised measures are in force",
                  words(answer));
    const auto named = [&answer](uint32_t measure, const char* name) {
      return (answer.applied & measure) != 0 || answer.missing.find(name) != std::string::npos;
    };
    checks_.check(
        named(own_user, "own_user: ") &&
            named(user_namespace, situation_.full ? "user_namespace: " : "namespaces: ") &&
            named(landlock_files, "landlock: "),
        "what is missing is named", words(answer));
    checks_.check(named(memory_limit, "memory_limit: ") &&
                      named(process_limit, "process_limit: ") && named(cpu_limit, "cpu_limit: "),
                  "limits that cannot be set are named", words(answer));
    limits_ = answer.applied;
    order.required = memory_limit << 16;
    answer = outcome(order);
    checks_.check(answer.type == Message::failed && answer.number == -ENOTSUP &&
                      answer.stage == "required measures",
                  "a start without a required measure fails", words(answer));
  }

  void attempt(const Escape& escape, Level level) {
    const int wanted = level == Level::full       ? escape.full
                       : level == Level::landlock ? escape.landlock
                                                  : escape.seccomp;
    if (wanted == open_here) return;
    Order order = probe(escape.attempt, level);
    order.permissions = level == Level::full ? escape.permissions
                                             : escape.permissions & ~(permit_proc | permit_sockets);
    const char* names[] = {"full", "landlock", "seccomp"};
    const std::string name =
        std::string(names[static_cast<uint32_t>(level)]) + ": " + escape.attempt +
        (order.permissions != 0 ? " (permissions " + std::to_string(order.permissions) + ")" : "");
    const Answer answer = outcome(order);
    const bool ended = answer.type == Message::exited;
    if (level == Level::landlock && (applied_ & landlock_files) == 0)
      return checks_.skip(name, "this kernel has no Landlock");
    const bool by_signal = (answer.flags & exit_by_signal) != 0;
    checks_.check(ended && by_signal == (wanted < 0) && answer.number == abs(wanted), name,
                  "wanted " + std::to_string(wanted) + ", got " + words(answer));
  }

  void limits() {
    const uint32_t neighbour = ++id_;
    create(probe("wait", highest()), neighbour);
    Order hog = probe("exhaust memory", highest());
    hog.memory = 32 << 20;
    if ((limits_ & memory_limit) == 0) {
      checks_.skip("exhaust memory", "no memory control group here");
    } else {
      const Answer answer = outcome(hog);
      checks_.check(answer.type == Message::exited && (answer.flags & exit_out_of_memory) != 0 &&
                        answer.number == SIGKILL,
                    "exhausted memory ends the component alone, and is told", words(answer));
    }
    Order crowd = probe("exhaust processes", highest());
    crowd.permissions = permit_processes;
    crowd.processes = 20;
    if ((limits_ & process_limit) == 0 && !situation_.own_user) {
      checks_.skip("exhaust processes", "no process control group here");
    } else {
      const Answer answer = outcome(crowd);
      checks_.check(answer.type == Message::exited && answer.number == EAGAIN && answer.flags == 0,
                    "processes are limited", words(answer));
    }
    const Answer usage = ask(Message::usage, neighbour);
    checks_.check(
        usage.type == Message::usage_report &&
            ((limits_ & memory_limit) == 0 || (usage.memory > 0 && usage.memory < 32 << 20)),
        "the neighbour lives, and its memory is counted",
        words(usage) + " memory " + std::to_string(usage.memory));
    resources(neighbour);
    checks_.check(ask(Message::kill, neighbour).type == Message::done, "kill is done", "");
    const Answer end = next();
    checks_.check(
        end.type == Message::exited && end.number == SIGKILL && end.flags == exit_by_signal,
        "the killed component is told", words(end));
  }

  void resources(uint32_t component) {
    Bytes body;
    body.number(unchanged_bytes)
        .u32(unchanged)
        .u32(32)
        .u32(unchanged)
        .number(int32_t{19})
        .u32(1)
        .u32(1)
        .u32(0);
    const Answer answer = ask(Message::resources, component, body);
    checks_.check(answer.type == Message::done || (limits_ & cpu_limit) == 0,
                  "resources change while running", words(answer));
    const Answer strange = ask(Message::resources, component, Bytes().u32(1));
    checks_.check(strange.type == Message::failed && strange.number == -EINVAL,
                  "a short request is refused", words(strange));
  }

  void requests() {
    client_.send_raw("x");
    Answer answer = next();
    checks_.check(answer.type == Message::failed && answer.number == -EINVAL,
                  "a message of one byte is refused", words(answer));
    Order order = probe("wait", highest());
    order.binds.push_back({programs_.probe, "/../escape"});
    answer = outcome(order);
    checks_.check(answer.type == Message::failed && answer.number == -EINVAL,
                  "a target with .. is refused", words(answer));
    order = probe("wait", highest());
    order.arguments[0] = "/missing";
    answer = outcome(order);
    checks_.check(answer.type == Message::failed && answer.number == -ENOENT &&
                      answer.stage == "exec" && answer.detail.find("/missing") != std::string::npos,
                  "a missing program is told", words(answer));
    order = probe("wait", highest());
    order.descriptors.push_back({4, 2});
    answer = outcome(order);
    checks_.check(answer.type == Message::failed && answer.number == -EINVAL,
                  "two descriptors of one number are refused", words(answer));
    order = probe("socket inet", Level::landlock);
    order.permissions = permit_sockets;
    answer = outcome(order);
    checks_.check(answer.type == Message::failed && answer.number == -EINVAL,
                  "sockets are refused in the host's network", words(answer));
    answer = ask(Message::kill, 999999);
    checks_.check(answer.type == Message::failed && answer.number == -ESRCH,
                  "an unknown component is told", words(answer));
  }

  void devices() {
    const uint32_t id = ++id_;
    create(probe("wait", Level::full), id);
    Answer answer =
        ask(Message::grant_device, id, Bytes().string("/dev/tty").string("bus/granted").u32(1));
    checks_.check(answer.type == Message::done, "a device is granted while running", words(answer));
    answer = ask(Message::withdraw_device, id, Bytes().string("bus/granted"));
    checks_.check(answer.type == Message::done, "and withdrawn", words(answer));
    answer = ask(Message::withdraw_device, id, Bytes().string("bus/granted"));
    checks_.check(answer.type == Message::failed && answer.number < 0, "once", words(answer));
    answer = ask(Message::grant_device, id, Bytes().string("/etc/passwd").string("granted").u32(1));
    checks_.check(answer.type == Message::failed && answer.number == -ENODEV, "a file is no device",
                  words(answer));
    answer = ask(Message::grant_device, id, Bytes().string("/dev/tty").string("../granted").u32(1));
    checks_.check(answer.type == Message::failed && answer.number == -EINVAL,
                  "a name with .. is refused", words(answer));
    ask(Message::kill, id);
    next();
    Order order = probe("open granted device", Level::full);
    order.binds.push_back({"/dev/zero", "/dev/granted", bind_writable | bind_device});
    answer = outcome(order);
    checks_.check(answer.type == Message::exited && answer.number == 0 && answer.flags == 0,
                  "a granted device opens", words(answer));
    order = probe("late device", Level::full);
    const uint32_t late = ++id_;
    create(order, late);
    ask(Message::grant_device, late, Bytes().string("/dev/zero").string("granted").u32(1));
    answer = next();
    checks_.check(answer.type == Message::exited && answer.component == late && answer.number == 0,
                  "a device granted later opens", words(answer));
    int seen[2];
    char byte = 0;
    if (pipe2(seen, O_CLOEXEC) != 0) throw std::runtime_error("Cannot make a pipe");
    order = probe("lose device", Level::full);
    order.descriptors.push_back({1, seen[1]});
    create(order, ++id_);
    close(seen[1]);
    ask(Message::grant_device, id_, Bytes().string("/dev/zero").string("granted").u32(1));
    const bool used = read(seen[0], &byte, 1) == 1;
    close(seen[0]);
    ask(Message::withdraw_device, id_, Bytes().string("granted"));
    answer = next();
    checks_.check(used && answer.type == Message::exited && answer.number == 0 && answer.flags == 0,
                  "and disappears when it is withdrawn", words(answer));
    order = probe("open granted device", Level::full);
    order.binds.push_back({"/dev/zero", "/dev/granted", bind_device});
    const bool named = create(order, ++id_).missing.find("read-only device: ") != std::string::npos;
    answer = next();
    checks_.check(answer.type == Message::exited && answer.number == (named ? 0 : EACCES),
                  "a read-only device does not open for writing, or is named", words(answer));
  }

  void node() {
    if (programs_.node.empty()) return checks_.skip("Node starts", "no Node given");
    Order order;
    order.arguments = {"/node", "-e",
                       "process.exit(process.pid === 1 && process.getuid() >= 1000 ? 42 : 1)"};
    order.binds = {{programs_.node, "/node"}, {"/lib64", "/lib64"}, {"/lib", "/lib"}};
    order.descriptors = {{2, 2}};
    order.required = no_new_privileges | system_call_filter | empty_root;
    const Answer answer = outcome(order);
    checks_.check(answer.type == Message::exited && answer.number == 42,
                  "Node starts in an empty root", words(answer));
  }

  void nesting() {
    const uint32_t first = ++id_;
    const uint32_t second = ++id_;
    const uint32_t third = ++id_;
    Order order = probe("wait", highest());
    order.memory = 64 << 20;
    create(order, first);
    order.parent = first;
    create(order, second);
    order.parent = second;
    Answer answer = create(order, third);
    checks_.check(answer.type == Message::created, "components nest", words(answer));
    answer = create(order, third);
    checks_.check(answer.type == Message::failed && answer.number == -EEXIST, "an id is used once",
                  words(answer));
    ask(Message::kill, first);
    uint32_t ended = 0;
    for (int count = 0; count < 3; count++) {
      answer = next();
      if (answer.type == Message::exited && answer.number == SIGKILL)
        ended |= 1u << (answer.component - first);
    }
    checks_.check(ended == 7, "killing one ends all that it nests", std::to_string(ended));
    order.parent = first;
    answer = create(order, ++id_);
    checks_.check(answer.type == Message::failed && answer.number == -ESRCH,
                  "nothing nests in what has ended", words(answer));
  }

  void strays() {
    Order order = probe("report stray", highest());
    order.permissions = permit_processes;
    const Answer answer = outcome(order);
    checks_.check(answer.type == Message::exited && answer.number == 77,
                  "a component with a child of its own ends", words(answer));
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", client_.process(), client_.process());
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    char children[256] = "";
    const ssize_t length = file < 0 ? -1 : read(file, children, sizeof children - 1);
    close(file);
    checks_.check(length == 0, "and its child with it", children);
  }

  void ending() {
    const uint32_t id = ++id_;
    const Answer answer = create(probe("wait", highest()), id);
    const pid_t spawner = client_.process();
    const int status = client_.end();
    checks_.check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the spawner ends with its root",
                  std::to_string(status));
    checks_.check(kill(answer.number, 0) != 0 && errno == ESRCH, "and so does every component",
                  std::to_string(answer.number));
    checks_.check(!groups_remain(spawner), "no control group remains", "");
  }

  void sudden_end() {
    pid_t component = 0;
    pid_t spawner = 0;
    // So that the orphan comes to this process, which then sees its end.
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    {
      Client client(programs_.spawner);
      client.order(1, probe("wait", highest()));
      component = client.receive().value_or(Answer{}).number;
      spawner = client.process();
      kill(spawner, SIGKILL);
    }
    int status = 0;
    bool gone = false;
    for (int tries = 0; tries < 200 && !gone; tries++) {
      gone = waitpid(component, &status, WNOHANG) == component;
      usleep(5000);
    }
    checks_.check(gone && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
                  "a killed spawner takes its components along", std::to_string(component));
    Client(programs_.spawner).end();
    checks_.check(!groups_remain(spawner), "and the next one removes its control groups", "");
  }

  bool groups_remain(pid_t spawner) {
    FILE* search = popen(
        ("find /sys/fs/cgroup -type d -name bulkhead-" + std::to_string(spawner) + " 2>/dev/null")
            .c_str(),
        "r");
    char line[512];
    const bool found = search != nullptr && fgets(line, sizeof line, search) != nullptr;
    if (search != nullptr) pclose(search);
    return found;
  }

  const Programs& programs_;
  const Situation& situation_;
  Checks checks_;
  Client client_;
  int dataspace_;
  int port_ = 0;
  std::string abstract_;
  uint32_t id_ = 0;
  uint32_t applied_ = 0;
  uint32_t limits_ = 0;
};

struct Counts {
  int passed, failed, skipped;
};

/** Runs the suite in a process of its own, which may give up what it needs. */
Counts run_in(const Programs& programs, const Situation& situation, void (*enter)()) {
  int result[2];
  if (pipe(result) != 0) return {0, 1, 0};
  fflush(stdout);
  const pid_t process = fork();
  if (process == 0) {
    Counts counts{0, 1, 0};
    try {
      if (enter != nullptr) enter();
      const Checks checks = Suite(programs, situation).run();
      counts = {checks.passed, checks.failed, checks.skipped};
    } catch (const std::exception& error) {
      printf("FAILED   %s: %s\n", situation.name, error.what());
    }
    fflush(stdout);
    [[maybe_unused]] const ssize_t written = write(result[1], &counts, sizeof counts);
    _exit(0);
  }
  close(result[1]);
  Counts counts{0, 1, 0};
  if (read(result[0], &counts, sizeof counts) != sizeof counts)
    printf("FAILED   %s: the tests ended early\n", situation.name);
  close(result[0]);
  waitpid(process, nullptr, 0);
  return counts;
}

int run(const Programs& programs) {
  constexpr Situation as_root{"root", true, true, true};
  constexpr Situation as_user{"ordinary user", true, true, false};
  constexpr Situation root_without{"root without user namespaces", true, false, true};
  constexpr Situation user_without{"ordinary user without user namespaces", false, false, false};
  Counts total{};
  const auto add = [&total](const Counts& counts) {
    total = {total.passed + counts.passed, total.failed + counts.failed,
             total.skipped + counts.skipped};
  };
  if (geteuid() == 0) {
    add(run_in(programs, as_root, nullptr));
    add(run_in(programs, root_without, forbid_namespaces_as_root));
  } else {
    printf(
        "skipped  root: all (not root)\nskipped  root without user namespaces: all (not root)\n");
    total.skipped += 2;
  }
  add(run_in(programs, as_user, become_ordinary));
  add(run_in(programs, user_without, forbid_namespaces));
  printf("%d passed, %d failed, %d skipped\n", total.passed, total.failed, total.skipped);
  return total.failed == 0 ? 0 : 1;
}

}  // namespace

}  // namespace bulkhead::test

int main(int count, char** arguments) {
  if (count < 3) {
    fprintf(stderr, "usage: spawn-test SPAWNER PROBE [NODE]\n");
    return 2;
  }
  return bulkhead::test::run({arguments[1], arguments[2], count > 3 ? arguments[3] : ""});
}
