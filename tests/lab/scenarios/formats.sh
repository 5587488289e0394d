# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# formats - journals that another version wrote: of the format before, and of one that is still to come
#
# journals/format-2 is what `detach` of the last version with format 2 wrote in this lab (05100f9), less
# the boot's id.
. "$LAB_DIR/lib.sh"
journal=/run/vfio-run/state/detach-$LAB_GPU.journal
format_3=$(printf 'vfio-run-journal\t3\t')
format_4=$(printf 'vfio-run-journal\t4\t90718736')

standin_profile /etc/vfio-run/demo.profile guest-off-after=1
fingerprint_before

detach() { vfio_run detach $LAB_GPU >&2; }
on_vfio() { drivers_are vfio-pci $LAB_GPU $LAB_AUDIO; }

# ---- the one before ------------------------------------------------------------------------------------

detach
cp "$LAB_DIR/journals/format-2" $journal
vfio_run attach >/tmp/out 2>&1
is $? 0 "a detach of format 2: attach"
fingerprint_after "gives back what it says"

detach
grep -v '^class' "$LAB_DIR/journals/format-2" >$journal
vfio_run recover >/tmp/out 2>&1
is $? 0 "one that was interrupted: recover"
fingerprint_after "likewise"

# ---- a newer one -----------------------------------------------------------------------------------------

# newer: what `detach` wrote, as if its format were 4
newer() {
	cp $journal /tmp/own
	like "$(head -n 1 /tmp/own)" "^$format_3" "this version writes format 3"
	{
		echo "$format_4"
		tail -n +2 /tmp/own
	} >/tmp/newer
	cp /tmp/newer $journal
}
# refused COMMAND...: in words, and nothing is touched
refused() {
	cksum <$journal >/tmp/sum
	vfio_run "$@" >/tmp/out 2>&1
	status=$?
	like "$(cat /tmp/out)" "$LAB_GPU \(.*\): stays as it is" "$*: the card is named"
	like "$(cat /tmp/out)" "newer vfio-run \(format 4.*up to 3\).*vfio-run $says" "and what mends it"
	ok "it stays where it is" on_vfio
	is "$(cksum <$journal)" "$(cat /tmp/sum)" "the journal stays as it is"
	return $status
}

detach
newer
says=attach
refused attach
is $? 3 "exit 3"
vfio_run recover >&2
is $? 0 "recover: what is kept is not left over"
ok "the card stays" on_vfio
vfio_run list >/tmp/out 2>&1
is $? 0 "list"

grep -v '^class' /tmp/newer >$journal
says=recover
refused recover
is $? 5 "an interrupted one: exit 5"
refused recover -n
is $? 5 "-n likewise"
refused demo
is $? 5 "a run begins nothing"

cp /tmp/own $journal
vfio_run attach >&2
is $? 0 "the version that wrote it gives the card back"
fingerprint_after "everything is back"
done_testing
