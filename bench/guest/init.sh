#!/bin/busybox sh
# The guest's first program. The root that it makes is the host's, read-only, with a layer of its own in memory above.
# "settings" holds: agent, node, kernel, work, results (paths of the host), time.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
mount -t sysfs sys /sys
. /settings
uptime() { read -r up rest <"$1/proc/uptime"; echo "$up"; }
started=$(uptime "")
for module in /modules/*; do insmod "$module" || echo "bench: $module is not loaded"; done

share="trans=virtio,version=9p2000.L,msize=524288"
mount -t 9p -o "$share,cache=loose,ro" host /host || { echo "bench: no file system of the host"; poweroff -f; }
mount -t tmpfs -o mode=755 upper /upper
mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/host,upperdir=/upper/files,workdir=/upper/work root /new

for folder in dev proc sys; do mount --move /$folder /new/$folder; done
mkdir -p /new/dev/pts /new/dev/shm
mount -t devpts -o mode=620,ptmxmode=666 devpts /new/dev/pts
mount -t tmpfs -o mode=1777 shm /new/dev/shm
mount -t tmpfs -o mode=755 run /new/run
mount -t tmpfs -o mode=1777 tmp /new/tmp
mount -t cgroup2 cgroup /new/sys/fs/cgroup
mount -t debugfs debug /new/sys/kernel/debug 2>/dev/null
mount -t securityfs security /new/sys/kernel/security 2>/dev/null

# Seen as it is at every moment, and written through: the other share is as it was when the guest looked first.
mkdir -p "/new$work"
mount -t 9p -o "$share,cache=none" work "/new$work" || echo "bench: no work tree"
mkdir -p /new/run/bench
mount -t 9p -o "$share,cache=none" results /new/run/bench || echo "bench: no folder for results"

mkdir -p /new/lib/modules
mount --bind "/new$kernel/lib/modules" /new/lib/modules
ip link set lo up
hostname bench
export BENCH_TIMES="kernel=$started root=$(uptime /new)"
export agent node
# A shell stays as the first process: it takes in the orphans of everybody else.
exec switch_root /new /bin/sh -c 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
HOME=/root
export HOME
"$node" "$agent" &
wait $!
echo "bench: the agent ended with code $?"
echo o >/proc/sysrq-trigger
sleep 60'
