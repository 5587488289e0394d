/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print.c - a plan for people: devices, changes, jail, command line */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/host.h"
#include "launcher/plan/print.h"

#define UNQUOTED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%"

/* Something in it that a shell would take for its own, or a terminal for a command? */
/* C0, DEL, and the first byte of C1 (U+0080 to U+009F in UTF-8), which terminals act on too. */
static bool is_control(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	return c[0] < ' ' || c[0] == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (is_control(text))
			return true;
	return false;
}

/* $'...' of bash, ksh, zsh and POSIX 2024: the only form that shows a control character as text. */
static void quote_control(FILE *f, const char *text)
{
	(void)fputs("$'", f);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\'' || c == '\\')
			(void)fprintf(f, "\\%c", c);
		else if (is_control(text))
			(void)fprintf(f, "\\%03o", c);
		else
			(void)fputc(c, f);
	}
	(void)fputc('\'', f);
}

static void quote_plain(FILE *f, const char *text)
{
	(void)fputc('\'', f);
	for (; *text; text++) {
		if (*text == '\'')
			(void)fputs("'\\''", f);
		else
			(void)fputc(*text, f);
	}
	(void)fputc('\'', f);
}

static void quote(FILE *f, const char *text)
{
	if (has_control(text))
		quote_control(f, text);
	else if (!*text || text[strspn(text, UNQUOTED)])
		quote_plain(f, text);
	else
		(void)fputs(text, f);
}

/* Ends a stream into memory; everything written so far counts. */
static int close_stream(FILE *f, char **buf, char **out)
{
	bool failed = ferror(f);

	if (fclose(f) || failed) {
		free(*buf);
		return -ENOMEM;
	}
	*out = *buf;
	return 0;
}

/**
 * plan_shell_quote() - an argument as a shell reads it back
 *
 * Plain words stay bare. Control characters become escapes in $'...', so that no
 * terminal acts on them; a shell that does not know that form is not given them.
 *
 * @out:	freed by the caller
 *
 * Return: 0 or -ENOMEM
 */
int plan_shell_quote(const char *argument, char **out)
{
	char *buf = NULL;
	size_t size;
	FILE *f = open_memstream(&buf, &size);

	if (!f)
		return -ENOMEM;
	quote(f, argument);
	return close_stream(f, &buf, out);
}

static void devices(FILE *f, const struct plan *plan)
{
	(void)fprintf(f, "Devices:\n");
	for (size_t i = 0; i < plan->device_count; i++) {
		const struct plan_device *d = &plan->device[i];

		(void)fprintf(f, "  %s  [%04x:%04x]  group %d  %s%s, %s\n", d->host->name,
			      d->host->vendor, d->host->device, d->host->iommu_group,
			      *d->host->driver ? d->host->driver : "no driver",
			      d->host->vfio ? " (stays there)" : "",
			      d->given ? "goes to the guest" : "held, not given to the guest");
	}
	if (!plan->device_count)
		(void)fprintf(f, "  none\n");
}

static void changes(FILE *f, const struct plan *plan)
{
	char line[CHANGE_TARGET_MAX + 2 * CHANGE_VALUE_MAX + 64];

	(void)fprintf(f, "Changes, in this order; undone in the reverse order when the VM ends:\n");
	for (size_t i = 0; i < plan->change_count; i++) {
		const struct plan_change *c = &plan->change[i];

		change_describe(c->kind, c->target, c->from, c->to, line, sizeof(line));
		(void)fprintf(f, "  %2zu. %s\n", i + 1, line);
	}
	if (!plan->change_count)
		(void)fprintf(f, "  none\n");
	else if (plan->change[0].kind == CHANGE_MODULE)
		(void)fprintf(f, "  The modules stay loaded.\n");
}

static void jail(FILE *f, const struct plan *plan)
{
	const struct plan_jail *j = &plan->jail;

	(void)fprintf(f, "Jail:\n");
	(void)fprintf(f, "  user      %s (uid %u, gid %u), no capabilities\n", j->user, j->uid,
		      j->gid);
	(void)fprintf(f, "  memory    %" PRIu64 " MiB can be locked\n", j->memlock_bytes >> 20);
	(void)fprintf(f, "  network   %s\n", j->private_network ? "none" : "the host's");
	(void)fprintf(f, "  sandbox   %s\n", j->sandbox);
	(void)fprintf(f, "  files     the system's in /usr, to be read\n");
	for (size_t i = 0; i < j->file_count; i++) {
		(void)fprintf(f, "            ");
		quote(f, j->file[i].path);
		(void)fprintf(f, "%s\n", j->file[i].writable ? ", to be written too" : "");
	}
	(void)fprintf(f, "  /dev     ");
	for (size_t i = 0; i < j->node_count; i++)
		(void)fprintf(f, " %s", j->node[i].path);
	(void)fprintf(f, "\n  environ  ");
	for (size_t i = 0; plan->environ_ && plan->environ_[i]; i++)
		(void)fprintf(f, " %s", plan->environ_[i]);
	(void)fputc('\n', f);
	if (plan->nvram_template && plan->nvram) {
		(void)fprintf(f, "  variables ");
		quote(f, plan->nvram);
		(void)fprintf(f, ", copied from ");
		quote(f, plan->nvram_template);
		(void)fprintf(f, " when it is not there\n");
	}
}

static void end(FILE *f, const struct plan *plan)
{
	if (plan->log) {
		(void)fprintf(f, "  log       ");
		quote(f, plan->log);
		(void)fputc('\n', f);
	}
	(void)fprintf(f, "End:\n");
	(void)fprintf(f, "  asked     the power button, %u s later `quit`, then SIGTERM and SIGKILL\n",
		      plan->shutdown_timeout_s);
	(void)fprintf(f, "  panic     %s\n", plan->on_panic);
	(void)fprintf(f, "  hangup    %s\n", plan->on_hangup);
}

/* One option with its value on a line: an argument that starts with "-" begins a new one. */
static void command_line(FILE *f, const struct plan *plan)
{
	(void)fprintf(f, "Command line:\n");
	for (size_t i = 0; plan->argv && plan->argv[i]; i++) {
		const char *a = plan->argv[i];

		(void)fputs(!i ? "  " : *a == '-' ? " \\\n    " : " ", f);
		quote(f, a);
	}
	(void)fputc('\n', f);
}

/**
 * plan_text() - what --dry-run prints; the changes in the words of the log and the journal
 * @out:	freed by the caller
 *
 * Return: 0 or -ENOMEM
 */
int plan_text(const struct plan *plan, char **out)
{
	char *buf = NULL;
	size_t size;
	FILE *f = open_memstream(&buf, &size);

	if (!f)
		return -ENOMEM;
	devices(f, plan);
	changes(f, plan);
	if (plan->argv) {
		jail(f, plan);
		end(f, plan);
		command_line(f, plan);
	}
	return close_stream(f, &buf, out);
}
