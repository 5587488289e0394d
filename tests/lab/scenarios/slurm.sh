# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# slurm - the examples of Slurm's Prolog and Epilog around jobs that end, are cancelled and are killed
#
# No slurmctld: what slurmd does with a job is done here, as slurm.conf(5) and prolog_epilog say it, with
# the same environment. The worst that it does is a SIGKILL for all that the job has started.
. "$LAB_DIR/lib.sh"
examples=$LAB_DIR/../../launcher/slurm
export SLURM_JOB_GPUS=0 SLURM_JOB_USER=vmuser VFIO_RUN_CARDS=/tmp/cards
echo "0 $LAB_GPU" >/tmp/cards
echo "1 0000:0A:00.0" >>/tmp/cards
prolog() { sh "$examples/slurm-prolog"; }
epilog() { sh "$examples/slurm-epilog"; }
p=/etc/vfio-run/demo.profile
its_card_is_back() {
	rm -f $p
	wait_for 20 test -e /dev/snd/controlC0
	fingerprint_after "its card is back"
}

# job SWITCHES: the VM of a job, until its guest runs
job() {
	standin_profile $p "$1"
	: >/tmp/out
	setsid /usr/local/bin/vfio-run demo >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
}

prolog && job guest-off-after=1 && wait $run
epilog # what a first run learns and loads, some of it later
wait_for 20 test -e /dev/snd/controlC0 || diag "the card has no sound"
rm $p
fingerprint_before
ok "no card, nothing to do" env SLURM_JOB_GPUS= sh "$examples/slurm-prolog"
SLURM_JOB_GPUS=7 prolog 2>/tmp/err
is $? 1 "a card that is not in the list"
like "$(cat /tmp/err)" 'has no card 7' "is named"
fingerprint_after "nothing was touched"

# Addresses are read in capitals, too; `status` prints them in small letters.
mkdir /tmp/stand-in
cat >/tmp/stand-in/vfio-run <<'END'
#!/bin/sh
echo "$@" >>/tmp/said
[ "$2" != status ] || printf 'other: running\n  devices    10000:0a:00.0\none: running\n  devices    0000:02:00.0 0000:0a:00.0\n'
END
chmod +x /tmp/stand-in/vfio-run
for script in prolog epilog; do
	sed "s|^PATH=|&/tmp/stand-in:|" "$examples/slurm-$script" >/tmp/stand-in/$script
done
: >/tmp/said
SLURM_JOB_GPUS=1 sh /tmp/stand-in/prolog
SLURM_JOB_GPUS=1 sh /tmp/stand-in/epilog
is "$(tr '\n' '|' </tmp/said)" \
	"-q recover|-q detach --for vmuser 0000:0a:00.0|-q status|-q stop --now one|-q recover|" \
	"a card in capitals: the VM that has it is ended, and no other"

ok "Prolog" prolog
ok "the job's card is on vfio-pci" drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
is "$(stat -c %U "/dev/vfio/$(group_of $LAB_GPU)")" vmuser "its node is the job's user's"
job guest-off-after=1
wait $run
is $? 0 "a job that ends by itself"
ok "Epilog" epilog
its_card_is_back

prolog && job say=hello
kill -TERM $run # scancel
wait $run
ok "a job that is cancelled: Epilog" epilog
its_card_is_back

prolog && job say=hello
ok "a job whose VM still runs: Epilog ends it" epilog
wait $run
its_card_is_back

for i in 1 2 3; do
	prolog && job say=hello
	pkill -KILL -f 'vfio-run demo|qemu-standin'
	pkill -KILL -x 'vfio-run|vfio-standby|vfio-qmp|qemu-standin'
	wait $run
	ok "all of a job is killed, $i: Epilog" epilog
	its_card_is_back
done

prolog && job say=hello
pkill -KILL -x 'vfio-run|vfio-standby|vfio-qmp|qemu-standin'
wait $run
ok "no Epilog, as slurmd died too: the next Prolog gives back, and takes" prolog
ok "its card is on vfio-pci" drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
ok "its Epilog" epilog
its_card_is_back
done_testing
