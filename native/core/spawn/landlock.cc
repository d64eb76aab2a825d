#include "landlock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "descriptor.h"

namespace bulkhead::spawn {

namespace {

// Debian 12's linux/landlock.h ends at ABI 2, so the layout and the numbers stand here whole.
struct RulesetAttributes {
  uint64_t handled_files;
  uint64_t handled_network;
  uint64_t scoped;
};
struct [[gnu::packed]] PathBeneath {
  uint64_t allowed;
  int32_t parent;
};
constexpr int rule_path_beneath = 1;
constexpr unsigned create_ruleset_version = 1;

constexpr uint64_t execute = 1 << 0;
constexpr uint64_t write_file = 1 << 1;
constexpr uint64_t read_file = 1 << 2;
constexpr uint64_t read_directory = 1 << 3;
constexpr uint64_t refer = 1 << 13;          // ABI 2
constexpr uint64_t truncate_file = 1 << 14;  // ABI 3
constexpr uint64_t device_ioctl = 1 << 15;   // ABI 5
/** Rights that the kernel accepts on a rule for a single file. */
constexpr uint64_t file_rights = execute | write_file | read_file | truncate_file | device_ioctl;
constexpr uint64_t network_bind_connect = 3;    // ABI 4
constexpr uint64_t scope_unix_and_signals = 3;  // ABI 6

uint64_t known_files(int abi) {
  uint64_t rights = refer - 1;
  if (abi >= 2) rights |= refer;
  if (abi >= 3) rights |= truncate_file;
  if (abi >= 5) rights |= device_ioctl;
  return rights;
}

/** A path that does not exist grants nothing, so it is no failure: exec reports what is really
 * missing. */
int add_rule(int ruleset, const char* path, uint64_t rights, Report& report) {
  const Descriptor parent(open(path, O_PATH | O_CLOEXEC));
  if (!parent)
    return errno == ENOENT ? 0
                           : report.fail("landlock", -errno, "Cannot open \"%s\" for a rule", path);
  struct stat facts;
  if (fstat(parent.number(), &facts) != 0)
    return report.fail("landlock", -errno, "Cannot look at \"%s\"", path);
  const PathBeneath rule{S_ISDIR(facts.st_mode) ? rights : rights & file_rights, parent.number()};
  if (syscall(SYS_landlock_add_rule, ruleset, rule_path_beneath, &rule, 0) != 0) {
    return report.fail("landlock", -errno, "Cannot add the rule for \"%s\"", path);
  }
  return 0;
}

int add_rules(int ruleset, const CreateRequest& request, uint64_t handled, Report& report) {
  const uint64_t device = (read_file | write_file | read_directory | device_ioctl) & handled;
  const bool own_root = request.level == Level::full;
  static constexpr const char* standard_devices[] = {"/dev/null", "/dev/zero", "/dev/full",
                                                     "/dev/random", "/dev/urandom"};
  // In an own root, /dev as a whole: nodes granted later must be usable, and only the spawner puts
  // any there.
  if (own_root) {
    if (const int error = add_rule(ruleset, "/dev", device, report); error != 0) return error;
    if ((request.permissions & permit_proc) != 0) {
      if (const int error = add_rule(ruleset, "/proc", read_file | read_directory, report);
          error != 0)
        return error;
    }
  } else {
    for (const char* path : standard_devices) {
      if (const int error = add_rule(ruleset, path, device, report); error != 0) return error;
    }
  }
  for (uint32_t index = 0; index < request.bind_count; index++) {
    const Bind& bind = request.binds[index];
    const bool writable = (bind.flags & bind_writable) != 0;
    uint64_t rights = execute | read_file | read_directory;
    if ((bind.flags & bind_device) != 0) {
      rights = writable ? device : device & ~write_file;
    } else if (writable) {
      rights = handled & ~(execute | device_ioctl);
    }
    if (const int error = add_rule(ruleset, own_root ? bind.target : bind.source, rights, report);
        error != 0)
      return error;
  }
  return 0;
}

}  // namespace

int confine_files(const CreateRequest& request, Report& report) {
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, create_ruleset_version);
  if (version < 1) {
    report.lack("landlock", "%s",
                errno == EOPNOTSUPP ? "the kernel has it but starts without it (add \"landlock\" "
                                      "to the lsm= boot parameter)"
                                    : "this kernel does not have it");
    return 0;
  }
  const int abi = static_cast<int>(version);
  RulesetAttributes attributes{known_files(abi), abi >= 4 ? network_bind_connect : 0,
                               abi >= 6 ? scope_unix_and_signals : 0};
  // The permission leaves TCP to the component's own, empty network; at lower levels that is the
  // host's.
  const bool own_network = request.level == Level::full;
  if ((request.permissions & permit_sockets) != 0 && own_network) attributes.handled_network = 0;
  // Older kernels reject a longer structure than they know unless its tail is zero, which it is.
  const Descriptor ruleset(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!ruleset) return report.fail("landlock", -errno, "Cannot make a rule set (ABI %d)", abi);
  if (const int error = add_rules(ruleset.number(), request, attributes.handled_files, report);
      error != 0)
    return error;
  if (syscall(SYS_landlock_restrict_self, ruleset.number(), 0) != 0) {
    return report.fail("landlock", -errno, "Cannot put the rules in force");
  }
  report.apply(landlock_files);
  if (abi < 3)
    report.lack("landlock_truncate", "needs Linux 6.2, this kernel has Landlock ABI %d", abi);
  if (abi < 5)
    report.lack("landlock_device_ioctl", "needs Linux 6.10, this kernel has Landlock ABI %d", abi);
  if (attributes.handled_network != 0)
    report.apply(landlock_network);
  else if (abi < 4)
    report.lack("landlock_network", "needs Linux 6.7, this kernel has Landlock ABI %d", abi);
  if (abi >= 6)
    report.apply(landlock_scopes);
  else
    report.lack("landlock_scopes", "needs Linux 6.12, this kernel has Landlock ABI %d", abi);
  return 0;
}

}  // namespace bulkhead::spawn
