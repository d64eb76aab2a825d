#include "root-tree.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "files.h"

namespace bulkhead::spawn {

namespace {

constexpr const char* stage = "root tree";

/** What every component may use; none of them reveals or changes anything of the host. */
constexpr Bind standard_devices[] = {
    {"/dev/null", "/dev/null", bind_writable | bind_device},
    {"/dev/zero", "/dev/zero", bind_writable | bind_device},
    {"/dev/full", "/dev/full", bind_writable | bind_device},
    {"/dev/random", "/dev/random", bind_writable | bind_device},
    {"/dev/urandom", "/dev/urandom", bind_writable | bind_device},
};

/** A detached tmpfs; a descriptor or -errno. */
int make_tmpfs(uint64_t attributes) {
  const Descriptor context(fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!context) return -errno;
  // It holds mount points and nodes alone; the limits keep a writer from using it as memory.
  const char* options[][2] = {{"mode", "0755"}, {"size", "64k"}, {"nr_inodes", "4096"}};
  for (const auto& option : options) {
    if (fsconfig(context.number(), FSCONFIG_SET_STRING, option[0], option[1], 0) != 0)
      return -errno;
  }
  if (fsconfig(context.number(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return -errno;
  const int mount = fsmount(context.number(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes));
  return mount < 0 ? -errno : mount;
}

/** A detached copy of `source` with everything mounted below it; a descriptor or -errno. */
int copy_tree(const char* source, uint64_t attributes) {
  Descriptor tree(open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
  if (!tree) return -errno;
  mount_attr change{};
  change.attr_set = attributes;
  // Private: a mount that the host makes below it later must not appear in a running component.
  change.propagation = MS_PRIVATE;
  if (mount_setattr(tree.number(), "", AT_EMPTY_PATH | AT_RECURSIVE, &change, sizeof change) != 0)
    return -errno;
  return tree.release();
}

int make_mount_point(int root, const char* target, bool directory) {
  if (!directory) return make_mount_file(root, target);
  if (const int error = make_parents(root, target); error != 0) return error;
  return mkdirat(root, target, 0755) != 0 && errno != EEXIST ? -errno : 0;
}

int add_mount(RootTree& tree, Descriptor source, const char* target) {
  RootTree::Mount& mount = tree.mounts[tree.mount_count++];
  mount.tree = static_cast<Descriptor&&>(source);
  mount.target = target;
  return 0;
}

int add_bind(const Bind& bind, RootTree& tree, Report& report) {
  const uint64_t access = (bind.flags & bind_writable) != 0 ? MOUNT_ATTR_NOEXEC : MOUNT_ATTR_RDONLY;
  Descriptor source(copy_tree(bind.source, access | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
  if (source.number() < 0)
    return report.fail(stage, source.number(), "Cannot bind \"%s\"", bind.source);
  struct stat facts;
  if (fstat(source.number(), &facts) != 0)
    return report.fail(stage, -errno, "Cannot look at \"%s\"", bind.source);
  // Relative to the new root: the leading "/" would mean the spawner's.
  const char* target = bind.target + 1;
  if (const int error = make_mount_point(tree.root.number(), target, S_ISDIR(facts.st_mode));
      error != 0) {
    return report.fail(stage, error, "Cannot make the mount point \"%s\" for \"%s\"", bind.target,
                       bind.source);
  }
  return add_mount(tree, static_cast<Descriptor&&>(source), target);
}

int add_device(const Bind& bind, uid_t owner, gid_t group, RootTree& tree, Report& report) {
  const char* name = bind.target + sizeof "/dev/" - 1;
  const bool writable = (bind.flags & bind_writable) != 0;
  if (tree.nodes && takes_node(bind.source)) {
    const int error =
        make_device_node(tree.devices.number(), bind.source, name, writable, owner, group);
    return error == 0
               ? 0
               : report.fail(stage, error, "Cannot make a node for the device \"%s\"", bind.source);
  }
  if (!writable)
    report.lack("read-only device", "\"%s\" can be written, because device nodes need root",
                bind.source);
  Descriptor copy(copy_device(bind.source));
  if (copy.number() < 0)
    return report.fail(stage, copy.number(), "Cannot bind the device \"%s\"", bind.source);
  if (const int error = make_mount_file(tree.devices.number(), name); error != 0) {
    return report.fail(stage, error, "Cannot make the mount point \"%s\"", bind.target);
  }
  return add_mount(tree, static_cast<Descriptor&&>(copy), bind.target + 1);
}

/** Whether this spawner may make device nodes; a privileged one in a container often may not. */
bool may_make_nodes(int devices) {
  if (mknodat(devices, "null", S_IFCHR | 0666, makedev(1, 3)) != 0) return false;
  return unlinkat(devices, "null", 0) == 0;
}

}  // namespace

int make_mount_file(int directory, const char* path) {
  if (const int error = make_parents(directory, path); error != 0) return error;
  return mknodat(directory, path, S_IFREG | 0444, 0) != 0 && errno != EEXIST ? -errno : 0;
}

int make_device_node(int devices, const char* source, const char* name, bool writable, uid_t owner,
                     gid_t group) {
  struct stat facts;
  if (stat(source, &facts) != 0) return -errno;
  if (!S_ISCHR(facts.st_mode) && !S_ISBLK(facts.st_mode)) return -ENODEV;
  if (const int error = make_parents(devices, name); error != 0) return error;
  const mode_t mode = (facts.st_mode & S_IFMT) | (writable ? 0600 : 0400);
  if (mknodat(devices, name, mode, facts.st_rdev) != 0) return -errno;
  return fchownat(devices, name, owner, group, AT_SYMLINK_NOFOLLOW) != 0 ? -errno : 0;
}

bool takes_node(const char* source) {
  struct statfs facts;
  return statfs(source, &facts) != 0 || facts.f_type != DEVPTS_SUPER_MAGIC;
}

int copy_device(const char* source) {
  struct stat facts;
  if (stat(source, &facts) != 0) return -errno;
  if (!S_ISCHR(facts.st_mode) && !S_ISBLK(facts.st_mode)) return -ENODEV;
  return copy_tree(source, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
}

int build_root_tree(const CreateRequest& request, const Authority& authority, uid_t owner,
                    gid_t group, RootTree& tree, Report& report) {
  tree.root.reset(make_tmpfs(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
  if (tree.root.number() < 0)
    return report.fail(stage, tree.root.number(), "Cannot make a tmpfs for the root");
  tree.devices.reset(make_tmpfs(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC));
  if (tree.devices.number() < 0)
    return report.fail(stage, tree.devices.number(), "Cannot make a tmpfs for /dev");
  tree.nodes = !authority.own_namespace && may_make_nodes(tree.devices.number());

  if (mkdirat(tree.root.number(), "dev", 0755) != 0)
    return report.fail(stage, -errno, "Cannot make /dev");
  if ((request.permissions & permit_proc) != 0 && mkdirat(tree.root.number(), "proc", 0555) != 0) {
    return report.fail(stage, -errno, "Cannot make /proc");
  }
  // /dev goes first: the binds of its nodes are attached inside it. The child's copy of the
  // descriptor names the same mount, so attaching it leaves the spawner's usable.
  const int devices = fcntl(tree.devices.number(), F_DUPFD_CLOEXEC, 0);
  if (devices < 0) return report.fail(stage, -errno, "Cannot keep /dev");
  add_mount(tree, Descriptor(devices), "dev");

  for (const Bind& device : standard_devices) {
    if (const int error = add_device(device, owner, group, tree, report); error != 0) return error;
  }
  for (uint32_t index = 0; index < request.bind_count; index++) {
    const Bind& bind = request.binds[index];
    const int error = (bind.flags & bind_device) != 0 ? add_device(bind, owner, group, tree, report)
                                                      : add_bind(bind, tree, report);
    if (error != 0) return error;
  }
  // Only now: the mount points had to be made first.
  mount_attr change{};
  change.attr_set = MOUNT_ATTR_RDONLY;
  if (mount_setattr(tree.root.number(), "", AT_EMPTY_PATH, &change, sizeof change) != 0) {
    return report.fail(stage, -errno, "Cannot make the root read-only");
  }
  return 0;
}

}  // namespace bulkhead::spawn
