#!/bin/busybox sh
# The guest's first program. "settings" holds: node, and either kernel and work (paths of the host), or "first": the folder
# with all that the agent needs in a machine that is saved, which has no files of the host yet. "init" may be the path of systemd.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
mount -t sysfs sys /sys
. /settings
uptime() { read -r up rest <"$1/proc/uptime"; echo "$up"; }
started=$(uptime "")
for module in /modules/*; do insmod "$module" || echo "bench: $module is not loaded"; done

if [ -z "$first" ]; then
  . /root.sh
  agent=/run/agent.mjs
else
  # The kernel's own first root cannot be exchanged below programs that run. One in memory can.
  mount -t tmpfs -o mode=755 first /new
  mkdir /new/dev /new/proc /new/sys /new/host /new/upper /new/new
  mv "$first"/* /new
  cp -a /bin /root.sh /resume.sh /new
  agent=/agent.mjs
  for folder in dev proc sys; do mount --move /$folder /new/$folder; done
fi
cp /agent.mjs /new$agent
export BENCH_TIMES="kernel=$started root=$(uptime /new)"
export agent node
[ -z "$init" ] || . /systemd.sh
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
