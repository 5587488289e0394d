# SPDX-License-Identifier: GPL-2.0-or-later
# GNU make, one file, no recursion. `make help` lists the targets.
#
# The builder owns CC, CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS, DESTDIR and prefix; what the
# project needs stands in our_* and is put before them.

B ?= build
prefix ?= /usr/local
bindir ?= $(prefix)/bin
libexecdir ?= $(prefix)/libexec
mandir ?= $(prefix)/share/man
datadir ?= $(prefix)/share
docdir ?= $(datadir)/doc/vfio-run
systemdunitdir ?= $(prefix)/lib/systemd/system
# Where vfio-run looks for its profiles: $(sysconfdir)/vfio-run.
sysconfdir ?= /etc
# Where the shells look. Debian's zsh does not read /usr/share/zsh/site-functions; fish reads no folder
# of /usr/local unless XDG_DATA_DIRS names it, but always the administrator's in /etc.
bashcompletiondir ?= $(datadir)/bash-completion/completions
zshcompletiondir ?= $(datadir)/zsh/$(if $(and $(filter /usr,$(prefix)),$(wildcard /etc/debian_version)),vendor-completions,site-functions)
fishcompletiondir ?= $(if $(filter /usr/local,$(prefix)),/etc/fish/completions,$(datadir)/fish/vendor_completions.d)
# Directories with a space in between, and a file; empty: those of launcher/host/places.h.
qemudirs ?=
firmwaredirs ?=
pciids ?=
# yes: an error where the library is missing; no: not used even where it is there
LIBSYSTEMD ?= auto
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
INSTALL ?= install
CLANG ?= clang
# Warnings are errors only where this tree is tested: another compiler has other warnings.
WERROR ?= $(if $(filter check-%,$(MAKECMDGOALS)),1,0)
V ?= 0

VERSION := $(shell launcher/packages/version)

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
quiet = $(if $(filter 0,$(V)),@printf '  %-8s %s\n' '$(1)' '$(2)';)

deps = $(if $(filter-out 0,$(NO_DEPS)),: NO_DEPS,tests/deps)

# Targets that need no compiler and no library.
# What installs first builds with a make of its own: only that one finds what is new.
no_build := help clean deps demo check check-all dist deb rpm arch packages format uninstall
needs_build := $(if $(MAKECMDGOALS),$(filter-out $(no_build),$(MAKECMDGOALS)),all)

# ---- programs: one line each says what it is made of and linked to --------------

base_src := $(wildcard launcher/base/*.c)
rooms := commands host plan# each with rooms in it
vfio-run_src := $(wildcard launcher/*.c $(rooms:%=launcher/%/*.c) $(rooms:%=launcher/%/*/*.c) launcher/inspect/*.c launcher/setup/*.c profiles/*.c) $(base_src) $(B)/gen/filter-programs.c $(B)/gen/menu.c
filter_src := $(wildcard launcher/plan/programs/compile/*.c) launcher/plan/programs/filter-rows.c
keeper_c := $(filter-out launcher/keeper/programs/%,$(wildcard launcher/keeper/*.c launcher/keeper/*/*.c))
keeper_src := $(keeper_c) $(base_src)
module_src := $(wildcard launcher/keeper/programs/module*.c)
rom_src := launcher/keeper/programs/rom.c launcher/base/pci-address.c
scope_src := $(wildcard launcher/keeper/programs/scope*.c) launcher/base/cpus.c launcher/base/unit-name.c
import_src := $(wildcard launcher/import/*.c) $(addprefix launcher/base/,pci-address.c log.c log-wrap.c output.c)
session_src := launcher/keeper/programs/session.c
setup_src := $(wildcard launcher/keeper/programs/setup*.c launcher/setup/*.c) launcher/host/small-file.c $(base_src)
vfio-qmp_src := $(wildcard qmp/*.c) launcher/base/output.c

vfio-run_pkg := libpci json-c
filter_pkg := libseccomp # only while building: the filters are compiled then
keeper_pkg :=
module_pkg := libkmod
import_pkg := expat
rom_pkg :=
scope_pkg := libsystemd
session_pkg :=
setup_pkg :=
vfio-qmp_pkg := json-c
test_pkg := cmocka libseccomp

# Done without where the library is not: a VM then stays in the cgroup of its terminal.

# ---- what the system has: asked once, and remembered in $(B)/probed.mk ------------

comma := ,
empty :=
strings = $(subst $(empty) $(empty),$(comma),$(foreach s,$(1),"$(s)"))
try = $(shell printf 'int main(void){return 0;}\n' | $(CC) -Werror $(1) -x c - -o /dev/null 2>/dev/null && printf '%s ' '$(1)')
probe = $(strip $(foreach f,$(1),$(call try,$(f))))
# Of a linker's flag that the C library must know too: the program is run.
probe_run = $(strip $(shell t=$$(mktemp) && printf 'int main(void){return 0;}\n' | $(CC) $(1) -x c - -o "$$t" 2>/dev/null && "$$t" 2>/dev/null && printf '%s' '$(1)'; rm -f "$$t"))
has = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo $(1))
needed_pkg := $(sort $(vfio-run_pkg) $(filter_pkg) $(keeper_pkg) $(module_pkg) $(vfio-qmp_pkg) $(import_pkg))

ifeq ($(filter yes no auto,$(LIBSYSTEMD)),)
$(error LIBSYSTEMD=$(LIBSYSTEMD): it is yes, no or auto)
endif
ifneq ($(needs_build),)
# Another compiler, another question, another place to look: asked again.
probe_key := $(shell { $(CC) --version; cat $(firstword $(MAKEFILE_LIST)); } 2>/dev/null | cksum) $(CC) $(PKG_CONFIG) $(PKG_CONFIG_PATH) $(PKG_CONFIG_LIBDIR)
-include $(B)/probed.mk
ifneq ($(probed_for),$(probe_key))
ifeq ($(shell command -v $(firstword $(PKG_CONFIG)) 2>/dev/null),)
$(error $(PKG_CONFIG) is missing, and with it perhaps more; `make deps` installs it or says how)
endif
ifeq ($(call try,-O1),)
$(error $(CC) is missing or makes no program; `make deps` installs a compiler or says how)
endif
built_for := $(shell $(CC) -dumpmachine 2>/dev/null)
ifneq ($(filter-out x86_64-%,$(built_for)),)
$(error vfio-run knows x86-64 hosts only, and $(CC) builds for $(built_for))
endif
missing := $(filter-out $(foreach p,$(needed_pkg),$(call has,$(p))),$(needed_pkg))
ifneq ($(missing),)
$(error these libraries' development files are missing: $(missing); `make deps` installs them or says how)
endif
hardening := $(call probe,-fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	-fstrict-flex-arrays=3 -ftrivial-auto-var-init=zero -fno-delete-null-pointer-checks -fno-strict-overflow -fPIE)
extra_warnings := $(call probe,-Wlogical-op -Wduplicated-cond -Wduplicated-branches)
hardening_ld := $(call probe,-pie -Wl$(comma)-z$(comma)relro -Wl$(comma)-z$(comma)now -Wl$(comma)-z$(comma)noexecstack -Wl$(comma)--as-needed)
# What nobody reads while a VM runs is not mapped beside what is: C unwinds nothing (a debugger
# has its own tables), and relocations of a PIE are packed.
smaller := $(call probe,-fno-asynchronous-unwind-tables -fno-unwind-tables)
smaller_ld := $(call probe_run,-Wl$(comma)-z$(comma)pack-relative-relocs)
$(shell mkdir -p $(B))
$(file >$(B)/probed.mk,probed_for := $(probe_key))
$(foreach v,hardening extra_warnings hardening_ld smaller smaller_ld,$(file >>$(B)/probed.mk,$(v) := $($(v))))
endif
# A library that is missing is looked for again: it can have been installed since.
ask = $(if $(libs_$(1)),,$(if $(call has,$(1)),$(eval libs_$(1) := $(shell $(PKG_CONFIG) --libs $(1)))$(file >>$(B)/probed.mk,libs_$(1) := $(libs_$(1)))))
$(foreach p,$(needed_pkg) $(test_pkg) $(if $(filter no,$(LIBSYSTEMD)),,$(scope_pkg)),$(call ask,$(p)))
optional := $(if $(filter no,$(LIBSYSTEMD)),,$(if $(libs_$(scope_pkg)),scope))
ifeq ($(LIBSYSTEMD)$(optional),yes)
$(error LIBSYSTEMD=yes, and its development files are missing; `make deps` installs them or says how)
endif
$(if $(optional),,$(shell rm -f $(B)/libexec/vfio-run/scope))
endif
helpers := keeper module rom session setup vfio-qmp import $(optional)
programs := $(B)/bin/vfio-run $(addprefix $(B)/libexec/vfio-run/,$(helpers))

# ---- flags ---------------------------------------------------------------------

our_cppflags := -I. -D_GNU_SOURCE -DVFIO_RUN_LIBEXECDIR='"$(libexecdir)/vfio-run"' \
	-DVFIO_RUN_SYSCONFDIR='"$(sysconfdir)/vfio-run"' $(if $(qemudirs),-DVFIO_RUN_QEMU_DIRS='$(call strings,$(qemudirs))') \
	$(if $(firmwaredirs),-DVFIO_RUN_FIRMWARE_DIRS='$(call strings,$(firmwaredirs))') $(if $(pciids),-DVFIO_RUN_PCI_IDS='"$(pciids)"')
our_cflags := -std=gnu11 -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wundef -Wvla -Wpointer-arith -Wwrite-strings -Wcast-qual \
	-Wimplicit-fallthrough -Wconversion -Wno-sign-conversion $(extra_warnings)
our_ldflags :=
ifdef SANITIZE
our_cflags += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
our_ldflags += -fsanitize=$(SANITIZE)
else
our_cflags += $(hardening) $(smaller)
our_ldflags += $(hardening_ld) $(smaller_ld)
# The builder's own level is left as it is: every distribution's flags have one.
ifeq ($(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
ifneq ($(filter -O1 -O2 -O3 -Os,$(CFLAGS)),)
our_cppflags += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
endif
endif
endif

# What the compiler says stays beside the object: WERROR=1 builds that one again, and only it.
# What a newer library calls deprecated still works: it is a warning.
werror := $(if $(filter 1,$(WERROR)),-Werror -Wno-error=deprecated-declarations) $(if $(MAKE_TERMERR),-fdiagnostics-color=always)
said = 2>$@.said; status=$$?; cat $@.said >&2; [ -s $@.said ] || rm -f $@.said; exit $$status

# What stays in memory while a VM runs, five times mapped, does nothing that has to be fast: a sixth less
# text. A builder who does not optimize (-O0, -Og) is not overruled.
resident = $(if $(filter -O2 -O3,$(CFLAGS)),$(if $(filter launcher/keeper/% launcher/base/% qmp/%,$<),-Os))
compile = $(CC) $(werror) $(our_cppflags) $(CPPFLAGS) $(our_cflags) $(CFLAGS) $(resident) $(pkg_cflags) -MMD -MP
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))
libs_of = $(foreach p,$(1),$(libs_$(p)))

# A changed flag rebuilds everything.
# Only one file knows the version: a commit does not rebuild the others.
version_flag := -DVFIO_RUN_VERSION='"$(VERSION)"'
$(B)/obj/launcher/cli.o $(B)/check/obj/launcher/cli.o: our_cppflags += $(version_flag)
$(B)/obj/launcher/cli.o $(B)/check/obj/launcher/cli.o: $(B)/version
flags_now := $(CC) $(our_cppflags) $(CPPFLAGS) $(our_cflags) $(CFLAGS) $(our_ldflags) $(LDFLAGS) $(bindir) $(systemdunitdir)
ifneq ($(needs_build),)
$(shell mkdir -p $(B); printf '%s\n' '$(subst ','\'',$(flags_now))' | cmp -s - $(B)/flags || printf '%s\n' '$(subst ','\'',$(flags_now))' >$(B)/flags)
$(shell printf '%s\n' '$(VERSION)' | cmp -s - $(B)/version || printf '%s\n' '$(VERSION)' >$(B)/version)
endif

unit := $(B)/lib/systemd/system/vfio-run@.service
# What names places of the installation, with the places of this one.
texts := $(addprefix $(B)/text/,launcher/vfio-run.8 profiles/vfio-run.profile.5 README.md $(addprefix launcher/completion/,vfio-run.bash _vfio-run vfio-run.fish))
places = -e 's|@bindir@|$(bindir)|g' -e 's|/usr/local/bin/vfio-run|$(bindir)/vfio-run|g' \
	-e 's|/usr/local/lib/systemd/system|$(systemdunitdir)|g' -e 's|/etc/vfio-run|$(sysconfdir)/vfio-run|g'

all: $(programs) $(B)/sbin/vfio-run $(unit) $(texts) ## build the programs (default)

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call quiet,CC,$<)$(compile) -c -o $@ $< $(said)

# Whoever starts one trusts the others only where nobody else can write: not even the user's own group,
# which a umask of 002 lets write (an ordinary user's on Debian).
define program_rule
$(1): $$(call objects,$$($(2)_src))
	@mkdir -p $$(@D)
	$$(call quiet,LD,$$@)umask go-w && $$(CC) $$(our_ldflags) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS) $$(call libs_of,$$($(2)_pkg))
endef
$(eval $(call program_rule,$(B)/bin/vfio-run,vfio-run))
$(eval $(call program_rule,$(B)/libexec/vfio-run/keeper,keeper))
$(eval $(call program_rule,$(B)/libexec/vfio-run/module,module))
$(eval $(call program_rule,$(B)/libexec/vfio-run/rom,rom))
$(eval $(call program_rule,$(B)/libexec/vfio-run/scope,scope))
$(eval $(call program_rule,$(B)/libexec/vfio-run/vfio-qmp,vfio-qmp))
$(eval $(call program_rule,$(B)/libexec/vfio-run/import,import))
$(eval $(call program_rule,$(B)/libexec/vfio-run/session,session))
$(eval $(call program_rule,$(B)/libexec/vfio-run/setup,setup))

# Where it was before: scripts know it.
$(B)/sbin/vfio-run: $(B)/bin/vfio-run
	@mkdir -p $(@D) && ln -sfn ../bin/vfio-run $@

# QEMU's filters, compiled by a program that is built and run here.
$(B)/filter-generate: $(call objects,$(filter_src))
	$(call quiet,LD,$@)$(CC) $(our_ldflags) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(call libs_of,$(filter_pkg))

$(B)/gen/filter-programs.c: $(B)/filter-generate
	@mkdir -p $(@D)
	$(call quiet,GEN,$@)$< >$@

# The examples that `vfio-run new` writes, as strings.
$(B)/gen/menu.c: launcher/menu/win10.desktop launcher/menu/win10.rules
	@mkdir -p $(@D)
	$(call quiet,GEN,$@){ echo '#include "launcher/commands/new/new.h"'; for name in desktop rules; do \
		echo "const char new_menu_$$name[] ="; sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' launcher/menu/win10.$$name; echo ';'; done; } >$@

$(unit): launcher/vfio-run@.service.in $(B)/flags
	@mkdir -p $(@D)
	$(call quiet,GEN,$@)sed $(places) $< >$@

$(B)/text/%: % $(B)/flags
	@mkdir -p $(@D)
	@sed $(places) $< >$@

# ---- tests without a lab -----------------------------------------------------------
#
# One library of everything but the main()s, built with the sanitizers; a test program is
# one file of tests/unit and whatever it takes from there.

sanitize := address,undefined
test_flags = -std=gnu11 $(filter -W%,$(our_cflags)) -O0 -g -fsanitize=$(sanitize) -fno-sanitize-recover=all -fno-omit-frame-pointer
test_compile = $(CC) $(werror) $(our_cppflags) $(CPPFLAGS) $(test_flags) -U_FORTIFY_SOURCE -MMD -MP
test_src := $(filter-out %/main.c,$(vfio-run_src) launcher/plan/programs/compile/filter-compile.c launcher/keeper/programs/scope-masters.c $(keeper_c) $(vfio-qmp_src))
test_lib := $(B)/check/all.a
test_libs = $(call libs_of,$(sort $(vfio-run_pkg) $(keeper_pkg) $(vfio-qmp_pkg) $(test_pkg)))
unit_tests := $(patsubst tests/unit/%.c,$(B)/check/%,$(wildcard tests/unit/test-*.c))
script_tests := $(wildcard tests/unit/check-*.sh)

$(B)/check/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call quiet,CC,$< (check))$(test_compile) -c -o $@ $< $(said)

$(test_lib): $(patsubst %.c,$(B)/check/obj/%.o,$(sort $(test_src)))
	$(call quiet,AR,$@)rm -f $@ && ar qc $@ $^

$(B)/check/test-%: $(B)/check/obj/tests/unit/test-%.o $(test_lib)
	$(call quiet,LD,$@)$(CC) $(test_flags) -o $@ $< $(test_lib) $(test_libs)

# Each fuzz target runs over its seeds here, without a fuzzer.
fuzz_names := $(patsubst tests/fuzz/fuzz-%.c,%,$(wildcard tests/fuzz/fuzz-*.c))
replays := $(addprefix $(B)/check/replay-,$(fuzz_names))

$(B)/check/replay-%.bin: $(B)/check/obj/tests/fuzz/fuzz-%.o $(B)/check/obj/tests/fuzz/replay.o $(test_lib)
	$(call quiet,LD,$@)$(CC) $(test_flags) -o $@ $(filter %.o,$^) $(test_lib) $(test_libs)

.PRECIOUS: $(B)/check/replay-%.bin # make would take it for a step in between, and remove it
$(B)/check/replay-%: $(B)/check/replay-%.bin
	@printf '#!/bin/sh\nexec %s tests/fuzz/%s.corpus\n' $< $* >$@ && chmod +x $@

check-fast: all $(B)/generate $(unit_tests) $(replays) ## unit tests and checks of the tree; no lab, under a minute
	@VFIO_RUN_BUILD=$(B) MAKE=$(MAKE) tests/unit/run-all $(unit_tests) $(replays) $(script_tests)

check: ## everything: installs what is missing, then unit tests, lints, and the lab
	@$(deps) check
	@VFIO_RUN_BUILD=$(B) MAKE=$(MAKE) tests/check

# ---- completions: written from the tables, and committed -------------------------------

$(B)/generate: $(call objects,launcher/completion/generate.c $(filter-out launcher/main.c,$(vfio-run_src)))
	$(call quiet,LD,$@)$(CC) $(our_ldflags) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(call libs_of,$(vfio-run_pkg))

completion: $(B)/generate ## write the shells' completions from the tables
	$(B)/generate bash >launcher/completion/vfio-run.bash
	$(B)/generate zsh >launcher/completion/_vfio-run
	$(B)/generate fish >launcher/completion/vfio-run.fish

# ---- fuzzing: clang's libFuzzer; `make fuzz-profile SECONDS=60` -----------------------

fuzz_src := $(wildcard profiles/*.c) $(filter-out qmp/main.c,$(wildcard qmp/*.c)) $(filter-out %/journal-write.c,$(wildcard launcher/keeper/journal/journal*.c)) $(base_src)
SECONDS ?= 60

$(B)/fuzz/%: tests/fuzz/fuzz-%.c $(fuzz_src) $(wildcard profiles/*.h qmp/*.h launcher/base/*.h launcher/keeper/*.h launcher/keeper/*/*.h)
	@mkdir -p $(@D)
	$(call quiet,FUZZ,$@)$(CLANG) $(our_cppflags) -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $@ $< $(fuzz_src) $(call libs_of,json-c)

$(addprefix fuzz-,$(fuzz_names)): fuzz-%: $(B)/fuzz/%
	@mkdir -p $(B)/fuzz/$*.found
	$(B)/fuzz/$* -max_total_time=$(SECONDS) -dict=tests/fuzz/$*.dict -artifact_prefix=$(B)/fuzz/$*- \
		$(B)/fuzz/$*.found tests/fuzz/$*.corpus

fuzz: $(addprefix fuzz-,$(fuzz_names)) ## run every fuzz target for SECONDS (60)

# ---- the jail, without a lab: as root ---------------------------------------------------

jail_checks := $(addprefix tests/jail/check-,devices machines display network temporary beside shared audio passt plug install)

check-jail: all ## QEMU with every key of a profile in the jail, under the filter
	@VFIO_RUN_BUILD=$(B) tests/unit/run-all $(jail_checks)

check-jail-all: all ## the same with a newer QEMU, and the jail without each of its parts
	@VFIO_RUN_BUILD=$(B) VFIO_RUN_LAB_ALL=1 VFIO_RUN_MACHINES=all tests/unit/run-all $(jail_checks) tests/jail/check-install-fai tests/jail/newer-qemu tests/jail/check-mutants

# ---- the lab ---------------------------------------------------------------------------

check-lab: all ## tests on a real kernel with real VFIO, in software emulation (only='WORD': a part)
	@VFIO_RUN_BUILD=$(B) tests/lab/suite $(only)

bench: all ## measure vfio-run beside raw sysfs writes, a script and libvirt; half an hour
	@VFIO_RUN_BUILD=$(B) tests/bench/run

bench-check: all ## are the ratios still what tests/bench/results says? AGAINST=COMMIT: than that one's?
	@VFIO_RUN_BUILD=$(B) tests/bench/check $(AGAINST)

check-lab-all: all ## the whole crash matrix: every fault at every call, kill sets, seeded bugs; an hour
	@VFIO_RUN_BUILD=$(B) tests/lab/suite --all $(only)

check-all: ## check-lab-all, check-jail-all, packages, and vfio-qmp without each of its defences
	@$(deps) packages
	@VFIO_RUN_BUILD=$(B) MAKE=$(MAKE) tests/check --all

demo: ## watch a graphics card go to a guest and come back; no GPU needed
	@$(deps) demo
	@$(MAKE) --no-print-directory all
	@VFIO_RUN_BUILD=$(B) tests/lab/demo

deps: ## install what building needs, or say how
	@tests/deps build

# ---- looking at the code ------------------------------------------------------------------

c_files := $(shell find launcher qmp profiles tests -name '*.[ch]' 2>/dev/null)
shell_files := $(shell grep -lE '^.!/bin/(ba)?sh|shellcheck shell' -r tests .ci launcher/packages 2>/dev/null)

lint: compile_commands.json ## clang-tidy, cppcheck, shellcheck, mandoc, clang's warnings
	@VFIO_RUN_BUILD=$(B) MAKE=$(MAKE) tests/lint

format: ## clang-format
	clang-format -i $(c_files)

# Written by make itself: no shell in between that would take the quotes away.
json_command = $(subst ",\",$(our_cppflags) $(version_flag)) -std=gnu11
json_entry = {"directory":"$(CURDIR)","file":"$(1)","command":"cc $(json_command) -c $(1)"}
compile_commands.json: $(B)/flags ## for clangd and clang-tidy
	$(file >$(B)/$@,[)
	$(foreach f,$(sort $(vfio-run_src) $(keeper_src) $(vfio-qmp_src) $(module_src) $(import_src) $(rom_src) $(setup_src) $(if $(optional),$(scope_src))),$(file >>$(B)/$@,$(call json_entry,$(f)),))
	$(file >>$(B)/$@,$(call json_entry,launcher/completion/generate.c)])
	@echo $(B)/$@

# ---- installing ---------------------------------------------------------------------------

# One table: MODE:DIRECTORY:SOURCE, and :NAME where that is another. A row with a mode of a folder
# (0755 and no source) is a folder that is this project's own.
examples := $(wildcard profiles/examples/*.profile launcher/menu/* launcher/slurm/*)
installed = 0755:$(bindir):$(B)/bin/vfio-run \
	0755:$(libexecdir)/vfio-run: $(foreach h,$(helpers),0755:$(libexecdir)/vfio-run:$(B)/libexec/vfio-run/$(h)) \
	0644:$(systemdunitdir):$(unit) \
	0755:$(sysconfdir)/vfio-run: \
	0644:$(mandir)/man8:$(B)/text/launcher/vfio-run.8 \
	0644:$(mandir)/man5:$(B)/text/profiles/vfio-run.profile.5 \
	0755:$(docdir): $(foreach f,$(B)/text/README.md CHANGELOG.md COPYING,0644:$(docdir):$(f)) \
	0755:$(docdir)/examples: $(foreach f,$(examples),0644:$(docdir)/examples:$(f)) \
	0644:$(bashcompletiondir):$(B)/text/launcher/completion/vfio-run.bash:vfio-run \
	0644:$(zshcompletiondir):$(B)/text/launcher/completion/_vfio-run \
	0644:$(fishcompletiondir):$(B)/text/launcher/completion/vfio-run.fish

row_mode = $(word 1,$(subst :, ,$(1)))
row_dir = $(word 2,$(subst :, ,$(1)))
row_source = $(word 3,$(subst :, ,$(1)))
row_path = $(row_dir)$(if $(row_source),/$(or $(word 4,$(subst :, ,$(1))),$(notdir $(row_source))))

to = $(DESTDIR)$(1)
define put
	$(INSTALL) $(if $(row_source),-D )-m $(row_mode) $(or $(row_source),-d) $(call to,$(row_path))

endef
install: all ## honours DESTDIR, prefix, bindir, sysconfdir and the other places at the top
	rm -f $(call to,$(prefix))/sbin/vfio-run # before: older ones stand in root's PATH, and would be found first
	$(foreach row,$(installed),$(call put,$(row)))

# For packages: "0755 /usr/bin/vfio-run", "dir /etc/vfio-run".
define show
	@echo '$(if $(row_source),$(row_mode),dir) $(row_path)'

endef
files: ## the table of what is installed, and where
	$(foreach row,$(installed),$(call show,$(row)))

uninstall: ## takes away what install put there; profiles stay
	rm -f $(foreach row,$(installed),$(if $(call row_source,$(row)),$(call to,$(call row_path,$(row)))))
	rm -rf $(call to,$(libexecdir))/vfio-run $(call to,$(docdir))
	[ ! -d $(call to,$(sysconfdir))/vfio-run ] || rmdir --ignore-fail-on-non-empty $(call to,$(sysconfdir))/vfio-run

committed = $(patsubst %+dirty,%,$(VERSION))
tarball := $(B)/vfio-run-$(committed).tar.gz
dist: ## a tarball of what is committed, or of the tarball that this is
	@mkdir -p $(B)
	if [ -e .git ]; then git -c safe.directory='*' archive --prefix=vfio-run-$(committed)/ HEAD; \
	else tar -c --sort=name --owner=0 --group=0 --exclude='./build*' --exclude='./$(B)' --transform='s,^\.,vfio-run-$(committed),' .; \
	fi | gzip -n >$(tarball)

# ---- packages, from that tarball: launcher/packages -----------------------------------------

deb rpm arch: dist ## a package of what is committed, by the distribution's own tools, below build/packages
	launcher/packages/build $@ $(tarball) $(B)/packages

packages: deb rpm arch ## all three

clean: ## remove what was built
	rm -rf $(B)

help: ## this list
	@sed -n 's/^\([a-z_.-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | awk -F'\t' '{ printf "  %-22s %s\n", $$1, $$2 }'

-include $(shell find $(B)/obj $(B)/check/obj -name '*.d' 2>/dev/null)

ifeq ($(WERROR),1)
$(patsubst %.said,%,$(shell find $(B)/obj $(B)/check/obj -name '*.said' -size +0 2>/dev/null)): anew
.PHONY: anew
endif

.PHONY: all bench bench-check completion check check-all check-fast check-jail check-jail-all check-lab check-lab-all demo deps lint format compile_commands.json install uninstall files dist deb rpm arch packages clean help fuzz \
	$(addprefix fuzz-,$(fuzz_names))
