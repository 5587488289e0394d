# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# in-jail.sh - what check-devices and check-machines share: a machine as a profile says, in the jail
#
# $vms is a folder that only root writes to, with `drive` in it; $root another system's, whose QEMU
# is used, or ""; $build has vfio-run.

# shellcheck disable=SC2154 # vms, drive, root and build are of the script that this is part of

# runs NAME LINE...: a machine with these lines behind its [vm] comes to run, and ends as told. With
# $asked, a QMP command per line, the answers are in $vms/answers; with $holds, the guest's memory
# comes to hold that text; with $writes, that file is written to; $more are further options.
asked='' holds='' writes='' more=''
runs() {
	name=$1
	shift
	case " $* " in
	*'nvram = '*) firmware='' ;;
	*'firmware = uefi'*) firmware="nvram = $vms/VARS.fd" ;;
	*) firmware='firmware = bios' ;;
	esac
	case " $* " in *'[display]'*) ;; *) set -- "$@" '[display]' 'type = none' ;; esac
	memory=64M # OVMF of 2025 needs more, with SMM
	case " $* " in *'firmware = uefi'*) memory=256M ;; esac
	printf '%s\n' '[vm]' 'user = nobody' "memory = $memory" 'accel = tcg' "$firmware" "$@" >"$vms/p.profile"
	starts "$name"
}

# starts NAME: the machine of $vms/p.profile does
starts() {
	name=$1
	chmod 644 "$vms/p.profile"
	plan=$("$build/bin/vfio-run" -n "$vms/p.profile" 2>"$vms/err") || {
		if grep -Eq 'not supported yet|has no maker or product' "$vms/err"; then skip "$name" 'not supported yet, or not on this machine'; else
			nothing "$name" cat "$vms/err"
		fi
		return
	}
	[ ! -r /usr/share/OVMF/OVMF_VARS_4M.fd ] || cp /usr/share/OVMF/OVMF_VARS_4M.fd "$vms/VARS.fd"
	chown 65534 "$vms/VARS.fd" 2>/dev/null
	set -- -q
	while read -r question; do
		[ -z "$question" ] || set -- "$@" -a "$question"
	done <<-END
		$asked
	END
	[ -z "$writes" ] || set -- "$@" -c "$writes"
	[ -z "$more" ] || eval "set -- \"\$@\" $more"
	[ -z "$holds" ] || set -- "$@" -m "$vms/memory.raw" -t "$holds"
	printf '%s\n' "$plan" | grep -q "network   the host's" && set -- "$@" -n
	# the files in the plan's order, which is the order in which they must be put in
	eval "set -- \"\$@\" $(printf '%s\n' "$plan" | sed -n "s#^            \(/[^ ,]*\), to be written too#-w '\1'#p;s#^            \(/[^ ,]*\)\$#-r '\1'#p" | tr '\n' ' ')"
	eval "set -- \"\$@\" $(printf '%s\n' "$plan" | sed -n '/^Command line:/,$p' | sed 1d | sed 's/\\$//' | tr '\n' ' ')"
	if [ -n "$root" ]; then
		# shellcheck disable=SC2016 # for the inner shell
		VMS=$vms unshare -m sh -c 'mount --bind "$1" "$1" && mount --bind "$VMS" "$1$VMS" && mount --rbind /proc "$1/proc" && mount --rbind /sys "$1/sys" &&
			mount --rbind /dev "$1/dev" && shift && exec chroot "$@"' - "$root" "$root" "$vms/drive" "$@" >"$vms/out" 2>&1
	else
		"$drive" "$@" >"$vms/out" 2>&1
	fi
	status=$?
	[ $status = 0 ] || echo "exit status $status" >>"$vms/out"
	sed -n 's/^answer: //p' "$vms/out" >"$vms/answers"
	[ $status != 0 ] || sed -i '/deprecated/!d' "$vms/out" # what else it has to say is not what is asked
	nothing "$name" cat "$vms/out"
}

# says NAME PATTERN: the machine that ran last has answered so
# shellcheck disable=SC2016 # the inner shell expands
says() { nothing "$1" sh -c 'grep -Eq "$1" "$2" || cat "$2"' - "$2" "$vms/answers"; }
