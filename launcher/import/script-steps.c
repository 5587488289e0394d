/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script-steps.c - what runs QEMU in a script, and what the script does beside it
 *
 * A step is a command, and its program and its words say which one. Text that only looks like a step
 * is none: the path of a disk, what a variable is set to, a comment, what is printed. So words are looked
 * at, never lines. Source: taskset(1), chrt(1), numactl(8), sudo(8), env(1), nice(1), systemd-run(1)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/import/import.h"
#include "launcher/import/script-job.h"

#define NESTED_MAX 4 /* sh -c in sh -c */

static bool is_word_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* "/usr/bin/taskset" is taskset */
static const char *base_of(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash ? slash + 1 : word;
}

/* ---- steps, of which a run makes some itself
 * ------------------------------------------------------------ */

#define CPUS_FREE "CPUs kept free are `isolate-cpus = yes` in [host], beside `pin`"
#define ENDED "who holds the card is ended with `holders = terminate` in its [gpu], a desktop by [session]"
#define COMPACTED "memory is compacted with `hugepages` in [vm]"
#define HOOKS "a step of the script's own: [hooks] can do it, in a profile of root's"

/*
 * @program alone: whatever it is given. With @word: where it has one that has this in it, or is it, if it is an option.
 * @word alone: a file of the kernel's. @told NULL: a run does it by itself. The first row counts.
 */
static const struct step {
	const char *program, *word, *told;
} steps[] = {
	{ "modprobe", "-r", "modules are unloaded by `unload-modules` in [session]" },
	{ "modprobe", "--remove", "modules are unloaded by `unload-modules` in [session]" },
	{ "rmmod", NULL, "modules are unloaded by `unload-modules` in [session]" },
	{ NULL, "/driver/unbind", NULL },
	{ NULL, "/driver_override", NULL },
	{ NULL, "/vfio-pci/bind", NULL },
	{ NULL, "/new_id", NULL },
	{ NULL, "/vtcon", NULL },
	{ NULL, "/efi-framebuffer", NULL },
	{ "virsh", "nodedev-detach", NULL },
	{ "driverctl", NULL, NULL },
	{ "modprobe", "vfio", NULL },
	{ "systemctl", "AllowedCPUs", CPUS_FREE },
	{ NULL, "/cpuset.cpus", CPUS_FREE },
	{ "cset", NULL, CPUS_FREE },
	{ "chrt", NULL, "a real-time priority of the processors is `realtime = yes` in [vm], with `pin`, and `isolate-cpus` in [host]" },
	{ "taskset", NULL, "CPUs are `pin` or `affinity` in [vm]" },
	{ "cpupower", NULL, "the clock is `governor = performance` in [host]" },
	{ NULL, "/scaling_governor", "the clock is `governor = performance` in [host]" },
	{ "killall", NULL, ENDED },
	{ "pkill", NULL, ENDED },
	{ "systemd-inhibit", NULL, "sleep is inhibited while the VM runs, by `inhibit = sleep` in [host], which is the default" },
	{ NULL, "/nr_hugepages", "huge pages are `hugepages` in [vm], taken and given back" },
	{ "sysctl", "nr_hugepages", "huge pages are `hugepages` in [vm], taken and given back" },
	{ NULL, "/compact_memory", COMPACTED },
	{ "sysctl", "compact_memory", COMPACTED },
	{ NULL, "/drop_caches", COMPACTED },
	{ "sysctl", "drop_caches", COMPACTED },
	{ NULL, "smp_affinity", "interrupts off the pinned CPUs are `irq-affinity = away` in [host]" },
	{ NULL, "/sriov_numvfs", "virtual functions are `vf` and `vfs` in a [gpu] or [pci]" },
	{ NULL, "/remove", HOOKS },
	{ NULL, "/rescan", HOOKS },
	{ "sysctl", NULL, HOOKS },
	{ NULL, "/proc/sys/", HOOKS },
	{ NULL, "/transparent_hugepage", HOOKS },
};

/* What stands for such a program before QEMU; NULL: nothing */
static const char *told_of(const char *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].program && !steps[i].word && !strcmp(steps[i].program, program))
			return steps[i].told;
	return NULL;
}

/* ---- what runs another program
 * -------------------------------------------------------------------------- */

struct runner {
	const char *name;
	const char *valued;    /* its options that have a value, without dashes */
	unsigned int operands; /* that stand behind the options, before the program */
	/* NULL: it says nothing of how the program runs. @count: its own words */
	void (*take)(struct job *j, const struct runner *r, const struct script_word *word, size_t count);
};

struct option_of {
	const char *name, *value; /* without dashes; NULL: it has none */
	size_t length;		  /* of @name; more than one letter can stand behind one dash */
	bool is_long;
};

static bool is_valued(const struct runner *r, const char *name, size_t length)
{
	for (const char *p = r->valued; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (n == length && !strncmp(p, name, n))
			return true;
		p += n;
	}
	return false;
}

/* "-ac", "-n 5", "-n5", "--membind=0", "--membind 0". Return: is there one at *@at? *@at is behind it then, or behind "--" */
static bool next_option(const struct runner *r, const struct script_word *word, size_t count, size_t *at, struct option_of *o)
{
	const char *text = *at < count ? word[*at].text : "";

	if (*text != '-' || !text[1])
		return false;
	++*at;
	if (!strcmp(text, "--"))
		return false;
	*o = (struct option_of){ .name = text + 1, .is_long = text[1] == '-' };
	o->name += o->is_long;
	o->length = o->is_long ? strcspn(o->name, "=") : strlen(o->name);
	if (o->is_long && o->name[o->length])
		o->value = o->name + o->length + 1;
	for (size_t i = 0; !o->is_long && i < o->length; i++)
		if (is_valued(r, o->name + i, 1)) {
			o->name += i;
			o->length = 1;
			o->value = o->name[1] ? o->name + 1 : NULL;
		}
	if (!o->value && is_valued(r, o->name, o->length) && *at < count)
		o->value = word[(*at)++].text;
	return true;
}

/* Return: how many words are the runner's own, its name among them */
static size_t words_of(const struct runner *r, const struct script_word *word, size_t count)
{
	struct option_of o;
	size_t at = 1;

	while (next_option(r, word, count, &at, &o))
		;
	while (at < count && strchr(word[at].text, '=')) /* env NAME=VALUE */
		at++;
	at += r->operands;
	return at < count ? at : count;
}

static void left(struct job *j, const struct runner *r, const struct script_word *word, size_t count)
{
	const char *told = told_of(r->name);
	char text[VALUE_MAX] = "";
	size_t used = 0;

	for (size_t i = 0; i < count && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "", word[i].text);
	import_note(j->m, word->line, "%s before QEMU%s%s", text, told ? ": " : " is not carried over", told ? told : "");
}

/* "2-5,8", as a profile takes it */
static bool is_cpus(const char *text)
{
	return text && *text && !text[strspn(text, "0123456789,-")];
}

/* "3c" or "0x3c": CPUs 2 to 5. Return: into @list; false: it is no mask of 64 CPUs */
static bool cpus_of_mask(const char *text, char list[VALUE_MAX])
{
	char *end;
	unsigned long long mask = strtoull(text, &end, 16);
	size_t used = 0;

	if (!*text || *text == '-' || *end || !mask || end - text > 18)
		return false;
	for (unsigned int i = 0, last; i < 64; i = last + 1) {
		for (last = i; last < 64 && mask >> last & 1; last++)
			;
		if (last > i + 1)
			used += (size_t)snprintf(list + used, VALUE_MAX - used, "%s%u-%u", used ? "," : "", i, last - 1);
		else if (last > i)
			used += (size_t)snprintf(list + used, VALUE_MAX - used, "%s%u", used ? "," : "", i);
	}
	return true;
}

static void take_taskset(struct job *j, const struct runner *r, const struct script_word *word, size_t count)
{
	char list[VALUE_MAX];
	bool is_list = false;
	struct option_of o;
	const char *cpus;
	size_t at = 1;

	while (next_option(r, word, count, &at, &o))
		is_list |= o.is_long ? !strcmp(o.name, "cpu-list") : memchr(o.name, 'c', o.length) != NULL;
	cpus = at < count ? word[at].text : "";
	if (is_list && is_cpus(cpus))
		import_set(j->m, j->vm, "affinity", "%s", cpus);
	else if (!is_list && cpus_of_mask(cpus, list))
		import_set(j->m, j->vm, "affinity", "%s", list);
	else
		left(j, r, word, count);
}

static bool is_option(const struct option_of *o, const char *letter, const char *name)
{
	const char *wanted = o->is_long ? name : letter;

	return strlen(wanted) == o->length && !strncmp(o->name, wanted, o->length);
}

static void take_numactl(struct job *j, const struct runner *r, const struct script_word *word, size_t count)
{
	struct option_of o;
	size_t at = 1;

	while (next_option(r, word, count, &at, &o)) {
		if (is_option(&o, "C", "physcpubind") && is_cpus(o.value))
			import_set(j->m, j->vm, "affinity", "%s", o.value);
		else if (is_option(&o, "m", "membind") && is_cpus(o.value) && !strpbrk(o.value, ",-"))
			import_set(j->m, j->vm, "memory-node", "%s", o.value);
		else
			import_note(j->m, word->line, "numactl %s%.*s%s%s before QEMU is not carried over", o.is_long ? "--" : "-",
				    (int)o.length, o.name, o.value ? " " : "", o.value ? o.value : "");
	}
}

/* The shell's own words stand before a program, too. */
static const struct runner runners[] = {
	{ "if", "", 0, NULL },
	{ "elif", "", 0, NULL },
	{ "then", "", 0, NULL },
	{ "else", "", 0, NULL },
	{ "while", "", 0, NULL },
	{ "until", "", 0, NULL },
	{ "do", "", 0, NULL },
	{ "!", "", 0, NULL },
	{ "{", "", 0, NULL },
	{ "time", "f o", 0, NULL },
	{ "exec", "a", 0, NULL },
	{ "command", "", 0, NULL },
	{ "builtin", "", 0, NULL },
	{ "env", "u C S unset chdir", 0, NULL },
	{ "nohup", "", 0, NULL },
	{ "setsid", "", 0, NULL },
	{ "sudo", "C D g h p R r T t U u user group chdir", 0, NULL },
	{ "doas", "C u", 0, NULL },
	{ "pkexec", "u user", 0, NULL },
	{ "taskset", "", 1, take_taskset },
	{ "numactl", "C m N i p P physcpubind membind cpunodebind interleave preferred", 0, take_numactl },
	{ "chrt", "T P D", 1, left },
	{ "nice", "n adjustment", 0, left },
	{ "ionice", "c n class classdata", 0, left },
	{ "cset", "s set", 1, left },
	{ "cgexec", "g", 0, left },
	{ "systemd-inhibit", "what who why mode", 0, left },
	{ "systemd-run", "p u E M H property unit slice description uid gid setenv", 0, left },
};

static const struct runner *find_runner(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(runners); i++)
		if (!strcmp(runners[i].name, base_of(word)))
			return &runners[i];
	return NULL;
}

/** script_take_before() - taskset -c 2-7, numactl --membind=0: what runs QEMU says where it runs, one after the other */
void script_take_before(struct job *j)
{
	const struct script_word *word = j->words->before;
	size_t count = j->words->before_count, n;
	bool unknown = false; /* the words behind one that is not known are its own, as far as another one that is */

	for (size_t i = 0; i < count; i += n) {
		const struct runner *r = find_runner(word[i].text);

		n = r ? words_of(r, word + i, count - i) : 1;
		if (r && r->take)
			r->take(j, r, word + i, n);
		else if (!r && !unknown && *word[i].text != '-')
			import_note(j->m, word[i].line, "%s before QEMU is not carried over", word[i].text);
		unknown = !r;
	}
}

/* ---- the desktop
 * ---------------------------------------------------------------------------------------- */

/* Is it a display manager, which shows the desktop? "gdm" and "gdm.service", "gdm3" and "greetd@tty1" */
static bool is_manager(const char *unit)
{
	static const char *const managers[] = { "display-manager", "gdm", "gdm3", "sddm", "lightdm", "lxdm", "greetd", "ly" };

	for (size_t i = 0; i < ARRAY_SIZE(managers); i++) {
		size_t n = strlen(managers[i]);

		if (!strncmp(unit, managers[i], n) && strchr("@.", unit[n])) /* or its end */
			return true;
	}
	return false;
}

/* The desktop is in the way of a card only. */
static void take_stop(struct job *j, const char *unit, unsigned int line)
{
	if (!is_manager(unit) || unit[strspn(unit, "abcdefghijklmnopqrstuvwxyz0123456789@.-")])
		return;
	if (import_first(j->m, "gpu"))
		import_set(j->m, import_one(j->m, "session"), "stop", "%s%s", unit, strchr(unit, '.') ? "" : ".service");
	else
		import_note(j->m, line, "%s is not stopped: without a [gpu] the desktop is in nobody's way", unit);
}

/* systemctl stop UNIT... */
static void take_systemctl(struct job *j, unsigned int line, const struct script_word *word, size_t count)
{
	bool stop = false;

	for (size_t i = 1; i < count; i++) {
		if (*word[i].text == '-')
			continue;
		if (stop)
			take_stop(j, word[i].text, line);
		else if (strcmp(word[i].text, "stop") != 0)
			return;
		stop = true;
	}
}

/* ---- each step
 * ------------------------------------------------------------------------------------------ */

struct teller {
	struct job *j;
	const char *text; /* the whole script */
	unsigned int depth;
	bool told[ARRAY_SIZE(steps)];
};

/* A file of the kernel's, or one whose folder is not known, which has to end so. */
static bool is_file(const char *text, const char *part)
{
	size_t length = strlen(text), n = strlen(part);

	if (!strncmp(text, "/sys/", 5) || !strncmp(text, "/proc/", 6))
		return strstr(text, part) != NULL;
	return *text == '$' && length > n && !strcmp(text + length - n, part);
}

/* "-r" is in "-rf" too; "-C/dir" has a path behind its letter, which no letter of is an option. */
static bool is_flag(const char *text, const char *flag)
{
	if (flag[1] == '-' || flag[2])
		return !strcmp(text, flag);
	return *text == '-' && text[1] != '-' && !strchr(text, '/') && strchr(text, flag[1]);
}

static bool is_step(const struct step *s, const struct script_word *word, size_t count)
{
	if (s->program && strcmp(s->program, base_of(word->text)) != 0)
		return false;
	if (!s->word)
		return true;
	for (size_t i = s->program != NULL; i < count; i++)
		if (!s->program		 ? is_file(word[i].text, s->word)
		    : *s->word == '-' ? is_flag(word[i].text, s->word)
				      : strstr(word[i].text, s->word) != NULL)
			return true;
	return false;
}

/* The first of a kind stands for all. */
static void tell(struct teller *t, size_t row, unsigned int line)
{
	const char *told = steps[row].told, *p = t->text;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (t->told[i] && (steps[i].told == told || (told && steps[i].told && !strcmp(steps[i].told, told))))
			return;
	t->told[row] = true;
	for (unsigned int n = 1; n < line && *p; n++, p += *p == '\n')
		p += strcspn(p, "\n");
	p += strspn(p, " \t");
	if (told)
		import_note(t->j->m, line, "%.*s: %s", (int)strcspn(p, "\n"), p, told);
	else
		import_note(t->j->m, line, "what the script does to drivers and consoles, a run does by itself");
}

static void take_step(void *data, unsigned int line, const struct script_word *word, size_t count);

static void take_command(struct teller *t, unsigned int line, const struct script_word *word, size_t count)
{
	static const char *const harmless[] = { "echo", "printf", "cat", "ls", "test", "[", "[[", "grep", "readlink", "export",
						"local", "declare", "readonly", NULL };
	static const char *const shells[] = { "sh", "bash", "dash", "zsh", "su", "eval", "trap", NULL };
	const char *program = base_of(word->text);

	if (is_word_of(program, harmless))
		return;
	if (!strcmp(program, "systemctl"))
		take_systemctl(t->j, line, word, count);
	for (size_t i = 1; i < count && t->depth < NESTED_MAX && is_word_of(program, shells); i++) {
		t->depth++;
		if (strpbrk(word[i].text, " \t\n"))
			script_each_step(word[i].text, word[i].line, take_step, t);
		t->depth--;
	}
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (is_step(&steps[i], word, count)) {
			tell(t, i, line);
			return;
		}
}

/* sudo nice -n 5 PROGRAM: each of them */
static void take_step(void *data, unsigned int line, const struct script_word *word, size_t count)
{
	const struct runner *r;

	for (size_t n; count && (r = find_runner(word->text)); word += n, count -= n) {
		n = words_of(r, word, count);
		if (r->take)
			take_command(data, line, word, n);
	}
	if (count)
		take_command(data, line, word, count);
}

/** script_take_steps() - steps of the script's own that a run makes itself, and the desktop that it stops */
void script_take_steps(struct job *j, const char *text)
{
	struct teller t = { .j = j, .text = text };

	script_each_step(text, 1, take_step, &t);
}
