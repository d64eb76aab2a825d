# Completes a machine that was saved before it saw files of the host: the root changes below its agent.
# "kernel" and "work" are set.
export PATH=/bin
. /root.sh
mkdir /new/run/first
pivot_root /new /new/run/first || exit 1
/run/first/bin/busybox umount -l /run/first
