// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - stands in for QEMU: takes the devices through VFIO and speaks QMP, in 0.2 s
 *
 * Called with QEMU's own command line. It looks only at what it needs: vfio-pci devices,
 * the monitor's chardev, -m and -S; all else is accepted. What it does beyond a well-behaved
 * QEMU is switched on by `-standin SWITCH[=VALUE][,SWITCH...]`, see standin.h.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/lab/standin/standin.h"

static bool sandboxed;

static void *idle(void *nothing)
{
	hang();
	return nothing;
}

/* As QEMU does with -sandbox: a filter of its own, on all threads; this one forbids nothing. */
static void filter_itself(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { .len = 1, .filter = &allow };
	unsigned long all = standin_switch[ONE_FILTERED].on ? 0 : SECCOMP_FILTER_FLAG_TSYNC;
	pthread_t thread;

	if (standin_switch[ONE_FILTERED].on && pthread_create(&thread, NULL, idle, NULL))
		fprintf(stderr, "qemu-standin: no thread\n");
	if (sandboxed && !standin_switch[NO_FILTER].on &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	     syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, all, &program)))
		perror("qemu-standin: seccomp");
}

/* What a launcher may ask before it starts a machine. */
static void answer_probe(const char *option, const char *argument)
{
	if (!strcmp(option, "--version") || !strcmp(option, "-version")) {
		puts("QEMU emulator version 7.2.22 (stand-in)");
		puts("Copyright (c) 2003-2022 Fabrice Bellard and the QEMU Project developers");
		exit(0);
	}
	if (!argument || (strcmp(argument, "help") && !strstr(argument, ",help")))
		return;
	if (!strcmp(option, "-machine") || !strcmp(option, "-M"))
		puts("Supported machines are:\nq35                  Standard PC (Q35 + ICH9, 2009)");
	else if (!strcmp(option, "-accel"))
		puts("Accelerators supported in QEMU binary:\ntcg\nkvm");
	else if (!strcmp(option, "-device"))
		puts("name \"vfio-pci\", bus PCI, desc \"VFIO-based PCI device assignment\"");
	exit(0);
}

static void read_arguments(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		answer_probe(argv[i], value);
		if (!strcmp(argv[i], "-S"))
			state = "prelaunch";
		if (!value || argv[i][0] != '-')
			continue;
		if (!strcmp(argv[i], "-device"))
			add_device(value);
		else if (!strcmp(argv[i], "-action"))
			set_action(value);
		else if (!strcmp(argv[i], "-chardev"))
			set_monitor(value);
		else if (!strcmp(argv[i], "-qmp") && !strcmp(value, "stdio"))
			set_monitor(value);
		else if (!strcmp(argv[i], "-sandbox"))
			sandboxed = !strncmp(value, "on", 2);
		else if (!strcmp(argv[i], "-m"))
			set_memory(value);
		else if (!strcmp(argv[i], "-standin"))
			set_switches(value);
	}
}

/* "\e" is the escape character, which no profile may hold. */
static void say_text(const char *text)
{
	for (; *text; text++) {
		bool escape = text[0] == '\\' && text[1] == 'e';

		fputc(escape ? '\033' : *text, stderr);
		text += escape;
	}
	fputc('\n', stderr);
}

/* As well as a process can that does not want to end. */
static _Noreturn void stay(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (standin_switch[STOP_ITSELF].on)
		raise(SIGSTOP);
	hang();
}

static void *chatter(void *nothing)
{
	while (fprintf(stderr, "qemu-standin: still here\n") > 0)
		usleep(50000);
	return nothing;
}

static void talk(void)
{
	static char noise[] = "qemu-standin: the quick brown fox jumps over the lazy dog\n";
	pthread_t thread;

	if (standin_switch[SAY].on)
		say_text(standin_switch[SAY].value ? standin_switch[SAY].value : "");
	for (long long left = switch_number(FLOOD); left > 0; left -= (long long)sizeof(noise) - 1)
		if (write(2, noise, sizeof(noise) - 1) < 0)
			break;
	if (standin_switch[REPORT].on)
		report(standin_switch[REPORT].value);
	if (standin_switch[CHATTER].on && pthread_create(&thread, NULL, chatter, NULL))
		fprintf(stderr, "qemu-standin: no thread\n");
	if (standin_switch[CHILD].on && fork() == 0)
		stay();
	if (standin_switch[DAEMON].on && fork() == 0) {
		setsid();
		if (fork() == 0)
			stay();
		_exit(0);
	}
}

static void live(int signals)
{
	struct pollfd source[2 + DEVICES_MAX];

	for (;;) {
		long long wait = deadline < 0 ? -1 : deadline - now_ms();

		if (deadline >= 0 && wait <= 0) {
			time_is_up();
			continue;
		}
		source[0] = (struct pollfd){ .fd = standin_switch[QMP_DEAF].on &&
								   strcmp(state, "prelaunch")
							   ? -1
							   : monitor_in,
					     .events = POLLIN };
		source[1] = (struct pollfd){ .fd = signals, .events = POLLIN };
		for (size_t i = 0; i < device_count; i++)
			source[2 + i] =
				(struct pollfd){ .fd = device[i].request_fd, .events = POLLIN };
		if (poll(source, 2 + device_count, (int)wait) < 0)
			continue;
		if (source[1].revents) {
			struct signalfd_siginfo info;

			if (read(signals, &info, sizeof(info)) > 0 &&
			    !standin_switch[IGNORE_TERM].on)
				shut_down(false, "host-signal");
		}
		for (size_t i = 0; i < device_count; i++) {
			if (source[2 + i].revents) {
				fprintf(stderr, "qemu-standin: the host wants %s back\n",
					device[i].address);
				exit((int)switch_number(EXIT_STATUS));
			}
		}
		if (source[0].revents && !hear())
			monitor_in = -1; /* the monitor's other end is gone; QEMU lives on */
	}
}

int main(int argc, char **argv)
{
	sigset_t mask;
	int signals;

	read_arguments(argc, argv);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	filter_itself();
	talk();
	if (standin_switch[EXIT_BEFORE_GREETING].on) {
		fprintf(stderr, "qemu-system-x86_64: -standin: told to fail\n");
		return 1;
	}
	if (standin_switch[HANG_BEFORE_GREETING].on)
		hang();
	greet();
	take_devices();
	if (standin_switch[FAIL_AFTER_GREETING].on) {
		fprintf(stderr, "qemu-system-x86_64: -device vfio-pci: told to fail\n");
		return 1;
	}
	live(signals);
	return 0;
}
