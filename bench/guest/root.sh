# Makes the root that the guest's programs see at /new: the host's files, read-only, with a layer of its own in memory above.
# "kernel" and "work" are set: paths of the host. "layers" names shares whose files hide the host's.
share="trans=virtio,version=9p2000.L,msize=524288"
mount -t 9p -o "$share,cache=loose,ro" host /host || { echo "bench: no file system of the host"; poweroff -f; }
mount -t tmpfs -o mode=755 upper /upper
mkdir /upper/files /upper/work
lower=
for layer in $layers; do
  mkdir "/$layer"
  mount -t 9p -o "$share,cache=loose,ro" "$layer" "/$layer" || echo "bench: no layer"
  lower="$lower/$layer:"
done
mount -t overlay -o "lowerdir=$lower/host,upperdir=/upper/files,workdir=/upper/work" root /new

. /places.sh
# Without what is mounted below: the files of the work folder, too, are then those that are read once.
mkdir /new/run/host
mount --bind /new /new/run/host

# Seen as it is at every moment, and written through: the other share is as it was when the guest looked first.
mkdir -p "/new$work"
mount -t 9p -o "$share,cache=none" work "/new$work" || echo "bench: no work tree"
mkdir -p /new/run/bench
mount -t 9p -o "$share,cache=none" results /new/run/bench || echo "bench: no folder for results"

mkdir -p /new/lib/modules
mount --bind "/new$kernel/lib/modules" /new/lib/modules
