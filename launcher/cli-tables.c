/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli-tables.c - the commands and the options: parser, help, manual and completion come from here */
#include <string.h>

#include "launcher/cli.h"
#include "launcher/commands/commands.h"

/* clang-format off */
/* In the order in which a person needs them. */
const struct cli_command cli_commands[] = {
	{ "run",     "PROFILE [-- QEMU-ARGUMENT...]", "run a VM; the word `run` may be left out",
	  CLI_DRY_RUN | CLI_JSON | CLI_YES | CLI_SYSROOT | CLI_SERVICE | CLI_CONTAINED | CLI_OPTION | CLI_NO_DEVICES, 1, 1, true, true, NULL, command_run },
	{ "setup",   "[PROFILE]", "what this host still lacks, and how it gets it",
	  CLI_JSON | CLI_APPLY | CLI_UNDO | CLI_YES | CLI_SYSROOT, 0, 1, false, false, NULL, command_setup },
	{ "check",   "[PROFILE]", "can this host do it? each failed check names its remedy",
	  CLI_JSON | CLI_SYSROOT | CLI_OPTION, 0, 1, false, false, NULL, command_check },
	{ "list",    "[all|gpu|usb|cpu]", "what a guest can be given: PCI devices by group, USB devices, CPUs",
	  CLI_JSON | CLI_SYSROOT | CLI_WATCH, 0, 1, false, false, NULL, command_list },
	{ "new",     "NAME", "write a commented profile for this machine",
	  CLI_GPU | CLI_ISO | CLI_SYSROOT, 1, 1, false, false, NULL, command_new },
	{ "edit",    "PROFILE", "a profile in your editor, and what is wrong with it then",
	  0, 1, 1, false, false, NULL, command_edit },
	{ "try",     "PROFILE", "the whole hand-over with a guest that is firmware alone, given back by a timer",
	  CLI_DRY_RUN | CLI_JSON | CLI_YES | CLI_SYSROOT | CLI_CONTAINED | CLI_OPTION | CLI_FOR, 1, 1, false, true, NULL, command_try },
	{ "status",  "[NAME]", "running VMs: state, devices, processes",
	  CLI_JSON | CLI_ALL | CLI_WAIT | CLI_WATCH, 0, 1, false, false, NULL, command_status },
	{ "log",     "NAME", "what QEMU said in the last run, or how the last `try` went", 0, 1, 1, false, false, NULL, command_log },
	{ "stop",    "NAME", "power the guest down and wait until its devices are back",
	  CLI_NOW, 1, 1, false, false, NULL, command_stop },
	{ "start",   "NAME", "run a VM as a service", 0, 1, 1, false, true, NULL, command_start },
	{ "reset",   "NAME", "press the guest's reset button", 0, 1, 1, false, false, NULL, command_reset },
	{ "pause",   "NAME", "stop the guest's processors", 0, 1, 1, false, false, NULL, command_pause },
	{ "resume",  "NAME", "let the guest's processors go on", 0, 1, 1, false, false, NULL, command_resume },
	{ "detach",  "PROFILE|ADDRESS...", "hand devices to vfio-pci and leave them there",
	  CLI_DRY_RUN | CLI_JSON | CLI_YES | CLI_CONTAINED | CLI_FOR | CLI_AT_BOOT, 1, -1, false, true, NULL, command_detach },
	{ "attach",  "[PROFILE|ADDRESS...]", "give back what `detach` took; without a name, everything",
	  CLI_DRY_RUN | CLI_JSON | CLI_YES | CLI_CONTAINED | CLI_AT_BOOT, 0, -1, false, true, NULL, command_attach },
	{ "recover", "[NAME]", "undo what an interrupted run left behind",
	  CLI_DRY_RUN | CLI_JSON, 0, 1, false, true, NULL, command_recover },
	{ "import",  "FILE", "print a profile made of a libvirt XML, a .conf of quickemu or Proxmox, or a script with QEMU",
	  0, 1, 1, false, false, NULL, command_import },
	{ "rom",     "dump ADDRESS FILE | check FILE [PROFILE|ADDRESS]", "read a card's option ROM, or look at one",
	  0, 2, 3, false, false, NULL, command_rom },
	{ "report",  "[FILE]", "one text for a bug report, without names and serial numbers",
	  CLI_SYSROOT, 0, 1, false, false, NULL, command_report },
	{ "aliases", "", "shell aliases for every profile found", 0, 0, 0, false, false, NULL, command_aliases },
	{ "help",    "[COMMAND]", "this list, or how a command is used", 0, 0, 1, false, false, NULL, command_help },
};
const size_t cli_command_count = ARRAY_SIZE(cli_commands);

const struct cli_option cli_options[] = {
	{ "dry-run", 'n',  NULL,   "print what would be done, every change, the jail and QEMU's command line; touch nothing", CLI_DRY_RUN },
	{ "option",  'o',  "SECTION.KEY=VALUE", "override a key of the profile; disk[2].readonly=yes of the second", CLI_OPTION },
	{ "json",    '\0', NULL,   "print JSON", CLI_JSON },
	{ "yes",     'y',  NULL,   "answer yes to the one question: may what holds the GPU be ended, may the host be set up?", CLI_YES },
	{ "all",     '\0', NULL,   "of every profile found, whether it runs or not", CLI_ALL },
	{ "watch",   '\0', NULL,   "list usb: what is plugged in and out; status: what VMs do; as it happens", CLI_WATCH },
	{ "wait",    '\0', NULL,   "until the VM has ended; the exit status is its run's", CLI_WAIT },
	{ "apply",   '\0', NULL,   "do what setup prints, after asking once", CLI_APPLY },
	{ "undo",    '\0', NULL,   "take back what setup has done", CLI_UNDO },
	{ "now",     '\0', NULL,   "end QEMU at once", CLI_NOW },
	{ "for",     '\0', "WHAT", "detach: the user whom the node of the devices' group is given to; try: how long, 60s", CLI_FOR },
	{ "at-boot", '\0', NULL,   "not now, but at every boot, before a driver has the devices", CLI_AT_BOOT },
	{ "gpu",     '\0', "ADDRESS", "the card that the profile is for", CLI_GPU },
	{ "iso",     '\0', "FILE", "the installer's CD: the disk is made too", CLI_ISO },
	{ "sysroot", '\0', "DIR",  "read another machine's captured tree", CLI_SYSROOT },
	{ "service", '\0', NULL,  "run as the unit vfio-run@.service does: tell systemd, have no standby", CLI_SERVICE },
	{ "contained", '\0', NULL, "in a container, whose end leaves the devices on vfio-pci: insist", CLI_CONTAINED },
	{ "no-devices", '\0', NULL, "the same VM without its host devices, in a window: to install, to repair", CLI_NO_DEVICES },
	{ "verbose", 'v',  NULL,   "say more", CLI_ALWAYS },
	{ "quiet",   'q',  NULL,   "only warnings and errors", CLI_ALWAYS },
	{ "color",   '\0', "WHEN", "auto, always or never", CLI_ALWAYS },
	{ "help",    'h',  NULL,   "this text, or a command's", CLI_ALWAYS },
	{ "version", 'V',  NULL,   "the version", CLI_ALWAYS },
};
const size_t cli_option_count = ARRAY_SIZE(cli_options);

/* In the help of one command: what an option is there that several have. */
static const struct {
	const char *command;
	unsigned int bit;
	const char *help;
} of_command[] = {
	{ "setup",   CLI_YES,     "take the steps without asking" },
	{ "detach",  CLI_YES,     "with --at-boot: take the steps without asking" },
	{ "attach",  CLI_YES,     "with --at-boot: take the steps without asking" },
	{ "run",     CLI_YES,     "do not ask whether what holds the card may be ended, a desktop for one" },
	{ "try",     CLI_YES,     "do not ask whether what holds the card may be ended, a desktop for one" },
	{ "detach",  CLI_DRY_RUN, "print every change that would be made; touch nothing" },
	{ "attach",  CLI_DRY_RUN, "print what would be put back; touch nothing" },
	{ "recover", CLI_DRY_RUN, "print what would be put back; touch nothing" },
	{ "detach",  CLI_FOR,     "the user whom the node of the devices' group is given to" },
	{ "try",     CLI_FOR,     "how long it lasts, such as 90s; 60s when it is not said" },
	{ "list",    CLI_WATCH,   "of `usb`: what is plugged in and out, as it happens" },
	{ "status",  CLI_WATCH,   "what VMs do, as it happens" },
};
/* clang-format on */

/** cli_option_help() - what an option does; @command: NULL: of all that have it */
const char *cli_option_help(const struct cli_option *o, const struct cli_command *command)
{
	for (size_t i = 0; command && i < ARRAY_SIZE(of_command); i++)
		if (of_command[i].bit == o->bit && !strcmp(of_command[i].command, command->name))
			return of_command[i].help;
	return o->help;
}
