# Gives the root at /new what the kernel offers, and places in memory to write to.
# A root of another architecture has hardly more than busybox.
[ -e /new/bin/sh ] || busybox --install -s /new/bin
for folder in dev proc sys run tmp root var/tmp; do mkdir -p /new/$folder; done
for folder in dev proc sys; do mount --move /$folder /new/$folder; done
mkdir -p /new/dev/pts /new/dev/shm
mount -t devpts -o mode=620,ptmxmode=666 devpts /new/dev/pts
mount -t tmpfs -o mode=1777 shm /new/dev/shm
mount -t tmpfs -o mode=755 run /new/run
# A board's whole root is in memory already, and may hold what came along from a folder below /tmp.
if [ -n "$board" ]; then chmod 1777 /new/tmp; else mount -t tmpfs -o mode=1777 tmp /new/tmp; fi
mount -t cgroup2 cgroup /new/sys/fs/cgroup
mount -t debugfs debug /new/sys/kernel/debug 2>/dev/null
mount -t securityfs security /new/sys/kernel/security 2>/dev/null
ip link set lo up
hostname bench
