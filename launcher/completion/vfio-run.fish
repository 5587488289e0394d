# SPDX-License-Identifier: GPL-2.0-or-later
# Made by `make completion` from launcher/cli-tables.c; changes go there.

set -g __vfio_run_commands run setup check list new edit try status log stop start reset pause resume detach attach recover import rom report aliases help

function __vfio_run_profiles
    for file in ~/.config/vfio-run/*.profile /etc/vfio-run/*.profile
        string replace -r '.*/(.*)\.profile$' '$1' -- $file
    end
    __fish_complete_suffix .profile
end
function __vfio_run_addresses
    for device in /sys/bus/pci/devices/*
        string replace -r '.*/' '' -- $device
    end
end
function __vfio_run_both
    __vfio_run_addresses
    __vfio_run_profiles
end
function __vfio_run_names
    for name in /run/vfio-run/vm/*
        string replace -r '.*/' '' -- $name
    end
end
function __vfio_run_files
    __fish_complete_path (commandline -ct)
end
function __vfio_run_dirs
    __fish_complete_directories (commandline -ct)
end
function __vfio_run_when
    printf '%s\n' auto always never
end
function __vfio_run_commands
    printf '%s\n' $__vfio_run_commands
end
function __vfio_run_ways
    __vfio_run_both
    __vfio_run_files
end
function __vfio_run_none
end
# The command on the line, "run" for a profile, nothing at the start of it.
function __vfio_run_command
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and continue
        contains -- $word $__vfio_run_commands; and echo $word; or echo run
        return
    end
end
function __vfio_run_is
    set -l command (__vfio_run_command)
    test -n "$command"; or set command run
    contains -- $command $argv
end

complete -c vfio-run -f
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a '(__vfio_run_profiles)' -d profile
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a run -d 'run a VM; the word `run` may be left out'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = run' -a '(__vfio_run_profiles)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a setup -d 'what this host still lacks, and how it gets it'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = setup' -a '(__vfio_run_profiles)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a check -d 'can this host do it? each failed check names its remedy'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = check' -a '(__vfio_run_profiles)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a list -d 'what a guest can be given: PCI devices by group, USB devices, CPUs'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = list' -a 'all gpu usb cpu'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a new -d 'write a commented profile for this machine'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = new' -a '(__vfio_run_none)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a edit -d 'a profile in your editor, and what is wrong with it then'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = edit' -a '(__vfio_run_profiles)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a try -d 'the whole hand-over with a guest that is firmware alone, given back by a timer'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = try' -a '(__vfio_run_profiles)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a status -d 'running VMs: state, devices, processes'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = status' -a '(__vfio_run_names)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a log -d 'what QEMU said in the last run, or how the last `try` went'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = log' -a '(__vfio_run_profiles)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a stop -d 'power the guest down and wait until its devices are back'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = stop' -a '(__vfio_run_names)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a start -d 'run a VM as a service'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = start' -a '(__vfio_run_profiles)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a reset -d 'press the guest'\''s reset button'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = reset' -a '(__vfio_run_names)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a pause -d 'stop the guest'\''s processors'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = pause' -a '(__vfio_run_names)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a resume -d 'let the guest'\''s processors go on'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = resume' -a '(__vfio_run_names)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a detach -d 'hand devices to vfio-pci and leave them there'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = detach' -a '(__vfio_run_both)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a attach -d 'give back what `detach` took; without a name, everything'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = attach' -a '(__vfio_run_both)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a recover -d 'undo what an interrupted run left behind'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = recover' -a '(__vfio_run_names)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a import -d 'print a profile made of a libvirt XML, a .conf of quickemu or Proxmox, or a script with QEMU'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = import' -a '(__vfio_run_files)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a rom -d 'read a card'\''s option ROM, or look at one'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = rom' -a 'dump check (__vfio_run_ways)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a report -d 'one text for a bug report, without names and serial numbers'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = report' -a '(__vfio_run_files)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a aliases -d 'shell aliases for every profile found'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = aliases' -a '(__vfio_run_none)'
complete -c vfio-run -n 'test -z (__vfio_run_command)' -a help -d 'this list, or how a command is used'
complete -c vfio-run -n 'test "$(__vfio_run_command)" = help' -a '(__vfio_run_commands)'
complete -c vfio-run -l dry-run -s n -n '__vfio_run_is run try detach attach recover' -d 'print what would be done, every change, the jail and QEMU'\''s command line; touch nothing'
complete -c vfio-run -l option -s o -x -a '(__vfio_run_none)' -n '__vfio_run_is run check try' -d 'override a key of the profile; disk[2].readonly=yes of the second'
complete -c vfio-run -l json -n '__vfio_run_is run setup check list try status detach attach recover' -d 'print JSON'
complete -c vfio-run -l yes -s y -n '__vfio_run_is run setup try detach attach' -d 'answer yes to the one question: may what holds the GPU be ended, may the host be set up?'
complete -c vfio-run -l all -n '__vfio_run_is status' -d 'of every profile found, whether it runs or not'
complete -c vfio-run -l watch -n '__vfio_run_is list status' -d 'list usb: what is plugged in and out; status: what VMs do; as it happens'
complete -c vfio-run -l wait -n '__vfio_run_is status' -d 'until the VM has ended; the exit status is its run'\''s'
complete -c vfio-run -l apply -n '__vfio_run_is setup' -d 'do what setup prints, after asking once'
complete -c vfio-run -l undo -n '__vfio_run_is setup' -d 'take back what setup has done'
complete -c vfio-run -l now -n '__vfio_run_is stop' -d 'end QEMU at once'
complete -c vfio-run -l for -x -a '(__vfio_run_none)' -n '__vfio_run_is try detach' -d 'detach: the user whom the node of the devices'\'' group is given to; try: how long, 60s'
complete -c vfio-run -l at-boot -n '__vfio_run_is detach attach' -d 'not now, but at every boot, before a driver has the devices'
complete -c vfio-run -l gpu -x -a '(__vfio_run_addresses)' -n '__vfio_run_is new' -d 'the card that the profile is for'
complete -c vfio-run -l iso -x -a '(__vfio_run_files)' -n '__vfio_run_is new' -d 'the installer'\''s CD: the disk is made too'
complete -c vfio-run -l sysroot -x -a '(__vfio_run_dirs)' -n '__vfio_run_is run setup check list new try report' -d 'read another machine'\''s captured tree'
complete -c vfio-run -l service -n '__vfio_run_is run' -d 'run as the unit vfio-run@.service does: tell systemd, have no standby'
complete -c vfio-run -l contained -n '__vfio_run_is run try detach attach' -d 'in a container, whose end leaves the devices on vfio-pci: insist'
complete -c vfio-run -l no-devices -n '__vfio_run_is run' -d 'the same VM without its host devices, in a window: to install, to repair'
complete -c vfio-run -l verbose -s v -n '__vfio_run_is run setup check list new edit try status log stop start reset pause resume detach attach recover import rom report aliases help' -d 'say more'
complete -c vfio-run -l quiet -s q -n '__vfio_run_is run setup check list new edit try status log stop start reset pause resume detach attach recover import rom report aliases help' -d 'only warnings and errors'
complete -c vfio-run -l color -x -a '(__vfio_run_when)' -n '__vfio_run_is run setup check list new edit try status log stop start reset pause resume detach attach recover import rom report aliases help' -d 'auto, always or never'
complete -c vfio-run -l help -s h -n '__vfio_run_is run setup check list new edit try status log stop start reset pause resume detach attach recover import rom report aliases help' -d 'this text, or a command'\''s'
complete -c vfio-run -l version -s V -n '__vfio_run_is run setup check list new edit try status log stop start reset pause resume detach attach recover import rom report aliases help' -d 'the version'
