#!/bin/busybox sh
# The guest's first program. "settings" holds: node, and either kernel and work (paths of the host), or "first": the folder
# with all that the agent needs in a machine that is saved, which has no files of the host yet; or "board" and "port": the
# folder with the whole root of a machine that will have none of the host's, and the terminal that leads to the agent. "init" may be the path of systemd.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
mount -t sysfs sys /sys
. /settings
uptime() { read -r up rest <"$1/proc/uptime"; echo "$up"; }
started=$(uptime "")
for module in /modules/*; do insmod "$module" || echo "bench: $module is not loaded"; done

if [ -n "$board" ]; then
  mount -t tmpfs -o mode=755 root /new
  mv "$board"/* /new
  . /places.sh
  agent=/run/agent.mjs
  until [ -c "/new$port" ]; do sleep 0.1; done
  stty -F "/new$port" raw -echo
elif [ -z "$first" ]; then
  . /root.sh
  agent=/run/agent.mjs
else
  # The kernel's own first root cannot be exchanged below programs that run. One in memory can.
  mount -t tmpfs -o mode=755 first /new
  mkdir /new/dev /new/proc /new/sys /new/host /new/upper /new/new
  mv "$first"/* /new
  cp -a /bin /root.sh /places.sh /resume.sh /new
  agent=/agent.mjs
  for folder in dev proc sys; do mount --move /$folder /new/$folder; done
fi
cp /agent.mjs /new$agent
export BENCH_TIMES="kernel=$started root=$(uptime /new)"
export agent node port
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
