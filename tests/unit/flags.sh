# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# flags.sh - what distributions build with, as their packages' logs have it; sourced
#
# Each sets cppflags, cflags and ldflags. Fedora's without its -specs= files, which only its
# gcc has; the file that Debian's prefix map names is any.
# shellcheck disable=SC2034 # used where this is sourced

debian() { # dpkg-buildflags of Debian 13
	cppflags='-Wdate-time -D_FORTIFY_SOURCE=2'
	cflags='-g -O2 -Werror=implicit-function-declaration -ffile-prefix-map=/build=. -fstack-protector-strong -fstack-clash-protection -Wformat -Werror=format-security -fcf-protection'
	ldflags='-Wl,-z,relro -Wl,-z,now'
}

fedora() { # %build_cflags, %build_ldflags of Fedora 42
	cppflags=
	cflags='-O2 -flto=auto -ffat-lto-objects -fexceptions -g -grecord-gcc-switches -pipe -Wall -Wno-complain-wrong-lang -Werror=format-security -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3 -Wp,-D_GLIBCXX_ASSERTIONS -fstack-protector-strong -m64 -march=x86-64 -mtune=generic -fasynchronous-unwind-tables -fstack-clash-protection -fcf-protection -mtls-dialect=gnu -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer'
	ldflags='-Wl,-z,relro -Wl,--as-needed -Wl,-z,pack-relative-relocs -Wl,-z,now -Wl,--build-id=sha1'
}

arch() { # /etc/makepkg.conf
	cppflags=
	cflags='-march=x86-64 -mtune=generic -O2 -pipe -fno-plt -fexceptions -Wp,-D_FORTIFY_SOURCE=3 -Wformat -Werror=format-security -fstack-clash-protection -fcf-protection -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -flto=auto'
	ldflags='-Wl,-O1 -Wl,--sort-common -Wl,--as-needed -Wl,-z,relro -Wl,-z,now -Wl,-z,pack-relative-relocs -flto=auto'
}
