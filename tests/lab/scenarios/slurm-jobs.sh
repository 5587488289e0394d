# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# slurm-jobs - 50 jobs of Slurm's own daemons, ended in every way, on two nodes with a card each
#
# munge, slurmctld and two slurmd of Debian's; both nodes are this machine, which their build allows
# (MULTIPLE_SLURMD). The examples are Prolog and Epilog as they are installed: around them is written
# down what they answered and which drivers had the card then.
# deadline: 3000
# packages: munge slurmctld slurmd slurm-client sudo
. "$LAB_DIR/lib.sh"
use_packages
command -v slurmctld-wlm >/dev/null || skip_all "there is no Slurm: $(cat "${LAB_PACKAGES:-/nonexistent}/why" 2>/dev/null)"
examples=$LAB_DIR/../../launcher/slurm
own=/usr/local/bin/vfio-run
host='bochs-drm snd_hda_intel' guest='vfio-pci vfio-pci'
card_of() { case $1 in one) echo $LAB_GPU ;; *) echo 0000:02:00.0 ;; esac; }

# ---- Slurm, as its packages' scripts would have made it -----------------------------------------

for program in /usr/sbin/*-wlm /usr/bin/*-wlm; do
	[ ! -e "$program" ] || ln -sf "$(basename "$program")" "${program%-wlm}"
done
package_user munge
# Slurm asks the resolver for addresses of families that the machine has, and 127.0.0.1 is none of them.
busybox ip addr add 192.0.2.1/32 dev lo
echo '192.0.2.1 lab' >>/etc/hosts
mkdir -p /run/munge /var/log/munge /var/lib/munge /etc/munge /etc/slurm /var/log/slurm /var/lib/slurm/ctld \
	/var/lib/slurm/one /var/lib/slurm/two /tmp/slurm /etc/vfio-run
head -c 128 /dev/urandom >/etc/munge/munge.key
chmod 0400 /etc/munge/munge.key
chown munge:munge /run/munge /var/log/munge /var/lib/munge /etc/munge /etc/munge/munge.key
chown vmuser /tmp/slurm
cat >/etc/slurm/slurm.conf <<'END'
ClusterName=lab
SlurmctldHost=lab(192.0.2.1)
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=/var/lib/slurm/ctld
SlurmdSpoolDir=/var/lib/slurm/%n
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd-%n.pid
SlurmctldLogFile=/var/log/slurm/ctld
SlurmdLogFile=/var/log/slurm/%n
SlurmdParameters=config_overrides
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
GresTypes=gpu
ReturnToService=2
BatchStartTimeout=1
MinJobAge=36000
Prolog=/etc/slurm/prolog
Epilog=/etc/slurm/epilog
NodeName=one NodeHostname=lab NodeAddr=192.0.2.1 Port=6818 CPUs=1 RealMemory=500 Gres=gpu:1
NodeName=two NodeHostname=lab NodeAddr=192.0.2.1 Port=6819 CPUs=1 RealMemory=500 Gres=gpu:1
PartitionName=all Nodes=one,two Default=YES
END
# A node that stays, whichever driver has the card.
printf 'NodeName=one Name=gpu File=/dev/tty60\nNodeName=two Name=gpu File=/dev/tty61\n' >/etc/slurm/gres.conf
printf 'CgroupPlugin=cgroup/v2\nIgnoreSystemd=yes\n' >/etc/slurm/cgroup.conf # there is none here,
mkdir -p /sys/fs/cgroup/system.slice                                           # that would have made it
for script in prolog epilog; do
	: >/tmp/slurm/$script
	cat >/etc/slurm/$script <<END
#!/bin/sh
export VFIO_RUN_CARDS=/etc/vfio-run/slurm.cards.\$SLURMD_NODENAME
"$examples/slurm-$script" >>/tmp/slurm/said.\$SLURMD_NODENAME 2>&1
status=\$?
read -r _ card <\$VFIO_RUN_CARDS
driver() { basename "\$(readlink $PCI/\${card%.0}.\$1/driver)"; }
echo "\$SLURM_JOB_ID \$SLURMD_NODENAME \$status \$(driver 0) \$(driver 1)" >>/tmp/slurm/$script
exit \$status
END
	chmod 0755 /etc/slurm/$script
done
for node in one two; do
	echo "0 $(card_of $node)" >/etc/vfio-run/slurm.cards.$node
	standin_profile /etc/vfio-run/$node.profile say=hello
	standin_profile /etc/vfio-run/$node-short.profile guest-off-after=1
	sed -i "s/^device = .*/device = $(card_of $node)/" /etc/vfio-run/$node.profile /etc/vfio-run/$node-short.profile
done
printf 'vmuser ALL=(root) NOPASSWD: %s\n' $own >/etc/sudoers
chmod 0440 /etc/sudoers
echo 'vmuser:*:19000::::::' >>/etc/shadow # PAM asks there
# What a job is: the VM that its name says, on the card of the node that it was given.
cat >/tmp/slurm/job <<'END'
#!/bin/sh
[ "$CUDA_VISIBLE_DEVICES" = 0 ] || exit 99
vm=$SLURMD_NODENAME
[ "$SLURM_JOB_NAME" != ends ] || vm=$vm-short
echo "$SLURM_JOB_ID $SLURM_JOB_NAME" >/tmp/slurm/now.$SLURMD_NODENAME
sudo -n /usr/local/bin/vfio-run "$vm" >/tmp/slurm/out.$SLURM_JOB_ID 2>&1
END

start_node() {
	slurmd -N "$1" >&2 && wait_for 60 pidfile_is_alive /run/slurmd-"$1".pid
}
pidfile_is_alive() { kill -0 "$(cat "$1" 2>/dev/null)"; }
states() { sinfo -h -N -o '%N %t' | tr '\n' ' '; }
all_are_idle() { [ "$(states)" = 'one idle two idle ' ]; }
# submit NAME [OPTION]...: a job of the user's; its number
submit() {
	_name=$1
	shift
	setpriv --reuid=vmuser --regid=vmuser --init-groups sbatch --parsable --chdir=/tmp --output=/dev/null \
		--job-name="$_name" --gres=gpu:1 "$@" /tmp/slurm/job
}
is_empty() { _jobs=$(squeue -h -o %i) && [ -z "$_jobs" ]; }

setpriv --reuid=munge --regid=munge --clear-groups munged --force >&2
wait_for 20 sh -c 'munge -n | unmunge'
slurmctld >&2
start_node one
start_node two
if ! wait_for 60 all_are_idle; then
	fail "slurmctld has two nodes that are idle"
	diag "$(states)"
	for log in /var/log/slurm/*; do tail -n 20 "$log" >/tmp/log && diag_file /tmp/log; done
	done_testing
	exit
fi
pass "slurmctld has two nodes that are idle"
diag "slurmctld $(slurmctld -V), $(scontrol show config | grep -E 'ProctrackType|MULTIPLE_SLURMD' | tr -s '\n ' ', ')"

# Slurm's own do not count: a number of a process, and the cgroups of a job whose node died.
host() { fingerprint >/tmp/lab/all && grep -v '_slurmstepd\.scope\|/run/slurm' /tmp/lab/all; }
host_before() { host >/tmp/lab/host.before; }
host_same() { host >/tmp/lab/host.after && diff /tmp/lab/host.before /tmp/lab/host.after >/tmp/lab/host.diff; }
host_after() {
	ok "$1" wait_for 10 host_same
	host_same || diag_file /tmp/lab/host.diff
}

# ---- the jobs -----------------------------------------------------------------------------------

# pids VM PATTERN: of its processes those that status calls so
pids() { vfio_run status --json "$1" | tr -d ' \n' | grep -oE "\"($2)\":[0-9]+" | sed 's/.*://'; }
# tree PID...: these, and all that they have started
tree() {
	for _pid; do
		echo "$_pid"
		# shellcheck disable=SC2046 # one word each
		tree $(pgrep -P "$_pid")
	done
}
# One of them may have ended meanwhile: the others are killed all the same.
steps_of() { pgrep -f "^slurmstepd: \[$1\."; }
is_gone() { _jobs=$(squeue -h -t running -o %i) && ! echo "$_jobs" | grep -qx "$1"; }
age_of() { squeue -h -j "$1" -o %M | awk -F: '{ s = 0; for (i = 1; i <= NF; i++) s = 60 * s + $i; print s }'; }
is_older() { [ "$(age_of "$1")" -gt "$2" ]; }

# ends_it NODE JOB NAME: what becomes of a job whose guest runs
# shellcheck disable=SC2046 # one word each
ends_it() {
	case $3 in
	cancelled) scancel "$2" ;;
	killed) kill_all $(tree $(pgrep -P "$(steps_of "$2")")) $(pids "$1" '[a-z_]*pid') ;; # as for want of memory
	keeper-killed) kill -KILL $(pids "$1" pid) ;;
	qemu-killed) kill -KILL $(pids "$1" qemu_pid) ;;
	all-killed) kill -KILL $(pids "$1" '[a-z_]*pid') ;; # a sudo stops with what it sees stopped
	slurmd-killed) # its job goes on, and is there for the next slurmd
		kill -KILL "$(cat /run/slurmd-"$1".pid)"
		start_node "$1"
		vm_runs "$1" || echo "$2" >>/tmp/slurm/lost
		vfio_run stop "$1" >&2
		;;
	node-dies) # and all that ran on it. slurmctld believes what it is told of a job that is no newcomer
		kill_all "$(cat /run/slurmd-"$1".pid)" $(tree $(steps_of "$2")) $(pids "$1" '[a-z_]*pid')
		wait_for 60 is_older "$2" 15
		[ "$(driver_of "$(card_of "$1")")" = vfio-pci ] && echo "$2" >>/tmp/slurm/left
		start_node "$1"
		wait_for 120 is_gone "$2" || echo "$2" >>/tmp/slurm/lost
		;;
	esac
}
vm_runs() { grep -q running "/run/vfio-run/vm/$1/status" 2>/dev/null; }
# turn: each node's job, once its guest runs
turn() {
	for node in one two; do
		read -r job name 2>/dev/null <"/tmp/slurm/now.$node" || continue
		if [ "$name" = ends ] || [ "$job" = "$(cat "/tmp/slurm/done.$node" 2>/dev/null)" ] || ! vm_runs $node; then
			continue
		fi
		echo "$job" >"/tmp/slurm/done.$node"
		echo "slurm-jobs: $name: job $job on $node" >&2
		ends_it $node "$job" "$name"
	done
}
# all_end SECONDS: until no job is left
all_end() {
	_end=$(($(now) + $1))
	until is_empty; do
		[ "$(now)" -lt $_end ] || return 1
		turn
		busybox usleep 200000
	done
}
: >/tmp/slurm/lost
: >/tmp/slurm/left

submit ends >&2 # what a first run learns and loads, on each node
submit ends >&2
ok "a job on each node" all_end 300
wait_for 20 test -e /dev/snd/hwC1D0
host_before

for n in 1 2 3 4 5; do
	for name in ends cancelled ends keeper-killed ends all-killed cancelled qemu-killed ends killed; do
		case $n$name in
		2killed | 4killed) name='slurmd-killed' ;;
		3qemu-killed | 5qemu-killed) name='node-dies' ;;
		esac
		submit $name --no-requeue >>/tmp/slurm/submitted
	done
done
is "$(wc -l </tmp/slurm/submitted)" 50 "50 jobs are submitted"
ok "all of them end" all_end 3000
ok "both nodes are idle, and none is drained" wait_for 60 all_are_idle
diag "$(scontrol show job -o | sed -n 's/.*JobName=\([^ ]*\) .*JobState=\([^ ]*\) .*/\1 \2/p' | sort | uniq -c | tr -s ' ' | tr '\n' ';')"

# answers SCRIPT DRIVERS: what one answered was 0, and these had the card then
answers() { [ -s /tmp/slurm/"$1" ] && ! grep -v " 0 $2\$" /tmp/slurm/"$1"; }
ok "Prolog: each time 0, with the card on vfio-pci" answers prolog "$guest"
ok "Epilog: each time 0, with the card on the host's drivers" answers epilog "$host"
# With their node two of them lost the slurmd that would have called it: the one that came instead did.
without_epilog() { cut -d ' ' -f 1 /tmp/slurm/epilog | sort -u >/tmp/slurm/with && sort -u /tmp/slurm/submitted | comm -23 - /tmp/slurm/with; }
is "$(without_epilog)" '' "each job had an Epilog"
is "$(cut -d ' ' -f 1 /tmp/slurm/prolog | sort -u | wc -l)" 52 "each job had a Prolog"
is "$(wc -l </tmp/slurm/left)" 2 "a node that died left its card on vfio-pci, twice"
is "$(cat /tmp/slurm/lost)" '' "slurmd is killed: its job goes on; a node dies: its job is given up"
# state NAME STATE...: what became of the jobs of this name
state() {
	_name=$1
	shift
	is "$(scontrol show job -o | sed -n "s/.*JobName=$_name .*JobState=\([^ ]*\) .*/\1/p" | sort -u | tr '\n' ' ')" "$*" "$_name: $*"
}
state ends 'COMPLETED '
state cancelled 'CANCELLED '
state slurmd-killed 'COMPLETED '
host_after "no card is lost: everything is as before 50 jobs"
diag "$(sort /tmp/slurm/said.* | uniq -c | sort -rn | head -n 20)"

# ---- and a card that cannot be had --------------------------------------------------------------

: >/etc/vfio-run/slurm.cards.one
: >/etc/vfio-run/slurm.cards.two
job=$(submit ends)
is_drained() { states | grep -q drain; }
ok "a card that is not in the list: the node is drained" wait_for 120 is_drained
like "$(sinfo -h -R -o '%E %N')" 'Prolog error' "and says why"
for node in one two; do
	echo "0 $(card_of $node)" >/etc/vfio-run/slurm.cards.$node
	scontrol update NodeName=$node State=resume
done
diag "job $job: $(squeue -h -j "$job" -o '%T %r')"
scontrol release "$job"
ok "the job was queued again, and runs once the list is right" all_end 600
diag "job $job, released: $(scontrol show job -o "$job" | sed -n 's/.*JobState=\([^ ]*\) .*/\1/p')"
ok "both nodes are idle" wait_for 60 all_are_idle
host_after "everything is as before"
for pidfile in /run/slurmd-one.pid /run/slurmd-two.pid /run/slurmctld.pid; do kill "$(cat $pidfile)"; done
pkill -x munged
done_testing
