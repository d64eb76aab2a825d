# Continues as the guest's systemd, "init", with the agent as one of its units. "agent" and "node" are set.
units=/new/run/systemd/system
mkdir -p "$units/basic.target.wants"
cat >"$units/bench-agent.service" <<END
[Unit]
Description=Agent of the virtual bench
DefaultDependencies=no
After=sysinit.target dbus.socket
[Service]
Environment="BENCH_TIMES=$BENCH_TIMES" HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart="$node" "$agent"
ExecStopPost=-/bin/sh -c "echo o >/proc/sysrq-trigger"
StandardError=tty
TTYPath=/dev/console
END
ln -s ../bench-agent.service "$units/basic.target.wants/"

# What takes time, and that no test of a machine that lives for minutes can see.
for unit in systemd-binfmt.service proc-sys-fs-binfmt_misc.automount proc-sys-fs-binfmt_misc.mount dev-hugepages.mount \
  dev-mqueue.mount sys-kernel-tracing.mount sys-kernel-debug.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-journal-flush.service systemd-pstore.service \
  systemd-remount-fs.service systemd-tmpfiles-clean.timer modprobe@.service console-getty.service getty.target; do
  ln -s /dev/null "$units/$unit"
done

# What this machine's administrator has enabled stays off, except what a layer has as well.
for unit in /host/etc/systemd/system/*.wants/*; do
  name=${unit#/host/}
  wanted=
  for layer in $layers; do [ ! -L "/$layer/$name" ] || wanted=yes; done
  [ -n "$wanted" ] || rm -f "/new/$name"
done
# Without an identity systemd takes this for a first boot, and enables everything.
[ -s /new/etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/new/etc/machine-id
exec switch_root /new "$init"
