# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# rom - `rom dump` reads the ROM of an idle device as the kernel shows it, `rom check` takes it
. "$LAB_DIR/lib.sh"
card=0000:03:00.0

fingerprint_before
out=$(vfio_run rom dump $card /tmp/a.rom 2>&1)
is $? 3 "while its driver has it, it is not read"
like "$out" "is in use by e1000e; .vfio-run detach $card. first" "and what is to be done is named"
not_ok "no file was made" test -e /tmp/a.rom
ok "it is detached" vfio_run detach $card
fingerprint_before detached
out=$(vfio_run rom dump $card /tmp/a.rom 2>&1)
is $? 0 "then it is read"
like "$out" "a ROM for 8086:10d3, [0-9]+ bytes" "it is this card's"
power=$(cat $PCI/$card/power/control) # asleep, as newer kernels let an idle one, it shows none
echo on >$PCI/$card/power/control
echo 1 >$PCI/$card/rom
head -c "$(stat -c %s /tmp/a.rom)" $PCI/$card/rom >/tmp/b.rom
printf '0\n' >$PCI/$card/rom
echo "$power" >$PCI/$card/power/control
ok "byte for byte" cmp /tmp/a.rom /tmp/b.rom
ok "rom check takes it" vfio_run rom check /tmp/a.rom $card
like "$(vfio_run rom check /tmp/a.rom 0000:01:00.0 2>&1)" "and the card is 1234:1111" "and not for another one"
is "$(cat $PCI/$card/rom 2>/dev/null | head -c 1)" "" "the switch of the ROM is off again"
out=$(vfio_run rom dump $card /tmp/a.rom 2>&1)
is $? 3 "a file that is there is not written over"
like "$out" "a.rom: File exists" "and is named"
: >/tmp/held
vfio-hold open "$(group_of $card)" $card >/tmp/held 2>&1 &
holder=$!
ok "a VM has it" wait_for 20 grep -q holding /tmp/held
out=$(vfio_run rom dump $card /tmp/c.rom 2>&1)
is $? 3 "while a VM has it, it is not read"
like "$out" "a VM has it open" "and that is said"
kill -KILL $holder
wait $holder
fingerprint_after "nothing else was changed" detached
ok "it is given back" vfio_run attach $card
fingerprint_after "as it was"
done_testing
