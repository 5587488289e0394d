/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script-words.c - the words of a shell script's QEMU command line
 *
 * Quotes, comments, lines that go on, and variables with plain values: NAME=, NAME+=, NAME=( ... ),
 * as sh and bash have them. Nothing is executed: $( ), ` `, $1 and whatever was not assigned stay
 * as they are written. Branches are not followed: what stands last counts.
 *
 * Each character keeps the line that it was written on, through all variables, so that whatever is
 * said of a word later can name its line. Source: POSIX.1-2024, Shell Command
 * Language, 2.2, 2.3, 2.6
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/import/script.h"

#define VARIABLES_MAX 256
#define TEXT_MAX (64u << 10) /* of one word or variable: variables in variables end there */
#define DEPTH_MAX 16         /* of defaults in defaults */
#define FEW_WORDS 4          /* a VM takes more */
#define STEP_WORDS_MAX 64
#define BETWEEN SCRIPT_BETWEEN

struct text {
	char *c;
	unsigned int *line;
	size_t n, room;
};

struct variable {
	char name[64];
	struct text value;
};

struct reader {
	const char *at;
	unsigned int line, depth;
	struct variable *variable;
	size_t count;
	script_step *step; /* NULL: QEMU's words are asked for, else the other commands */
	void *step_data;
	struct script_words *out;
};

static void add(struct reader *r, struct text *t, char c, unsigned int line)
{
	if (t->n == t->room) {
		size_t room = t->room ? t->room * 2 : 64;
		char *c2 = realloc(t->c, room);
		unsigned int *l2 = c2 ? realloc(t->line, room * sizeof(*l2)) : NULL;

		if (c2)
			t->c = c2;
		if (l2)
			t->line = l2;
		if (!l2 || room > TEXT_MAX) {
			r->out->failed = true;
			return;
		}
		t->room = room;
	}
	t->c[t->n] = c;
	t->line[t->n++] = line;
}

static void clear(struct text *t)
{
	free(t->c);
	free(t->line);
	*t = (struct text){ .n = 0 };
}

static struct variable *find(struct reader *r, const char *name, bool make)
{
	struct variable *v;

	for (size_t i = 0; i < r->count; i++)
		if (!strcmp(r->variable[i].name, name))
			return &r->variable[i];
	if (!make || r->count == VARIABLES_MAX)
		return NULL;
	v = &r->variable[r->count++];
	*v = (struct variable){ .name = "" };
	(void)snprintf(v->name, sizeof(v->name), "%s", name);
	return v;
}

static char next(struct reader *r)
{
	char c = *r->at;

	if (c)
		r->at++;
	r->line += c == '\n';
	return c;
}

/* $( ... ), ` ... `, ${ ... } of another kind: as it is written, whole. */
static void keep_nested(struct reader *r, struct text *to, char open, char close)
{
	int depth = 0;

	do {
		char c = *r->at;

		depth += c == open && open != close;
		depth -= c == close && open != close;
		add(r, to, c == '\n' ? ' ' : c, r->line);
		if (!next(r))
			return;
		if (open == close && *r->at == close) {
			add(r, to, close, r->line);
			(void)next(r);
			return;
		}
	} while (depth > 0 || open == close);
}

/* The name behind a $ or ${, and in @length how much of the script it takes with its signs. */
static bool read_name(const char *at, char name[64], size_t *length, bool *array)
{
	bool brace = at[1] == '{';
	const char *from = at + 1 + brace, *to = from;

	while (isalnum((unsigned char)*to) || *to == '_')
		to++;
	*array = brace && (!strncmp(to, "[@]}", 4) || !strncmp(to, "[*]}", 4));
	*length = (size_t)(to - at) + (*array ? 4 : brace);
	if (to == from || isdigit((unsigned char)*from) || to - from >= 64 ||
	    (brace && !*array && *to != '}'))
		return false;
	(void)snprintf(name, 64, "%.*s", (int)(to - from), from);
	return true;
}

static void put_variable(struct reader *r, struct text *to, const struct variable *v, bool quoted)
{
	for (size_t i = 0; i < v->value.n; i++) {
		char c = v->value.c[i];

		add(r, to, !quoted && isspace((unsigned char)c) ? BETWEEN : c, v->value.line[i]);
	}
}

/* Is it ${NAME:-WORD}, or ${NAME-WORD}? Return: what stands before WORD; 0: no */
static size_t default_begins(const char *at, char name[64])
{
	const char *from = at + 2, *to = from;

	if (at[1] != '{')
		return 0;
	while (isalnum((unsigned char)*to) || *to == '_')
		to++;
	if (to == from || to - from >= 64)
		return 0;
	(void)snprintf(name, 64, "%.*s", (int)(to - from), from);
	to += *to == ':';
	return *to == '-' ? (size_t)(to + 1 - at) : 0;
}

static void expand(struct reader *r, struct text *to, bool quoted);

/* What stands there when nobody has set the variable is what the script takes when it is started as it is. */
static void put_default(struct reader *r, struct text *to, const char *name, size_t length, bool quoted)
{
	struct variable *v = find(r, name, false);
	struct text word = { .n = 0 };
	bool is_set = v && v->value.n;

	for (r->at += length; *r->at && *r->at != '}';) {
		if (*r->at == '$') {
			expand(r, &word, quoted);
			continue;
		}
		if (*r->at != '"' && *r->at != '\'')
			add(r, &word, *r->at, r->line);
		(void)next(r);
	}
	(void)next(r);
	for (size_t i = 0; !is_set && i < word.n; i++)
		add(r, to, word.c[i], word.line[i]);
	if (is_set)
		put_variable(r, to, v, quoted);
	clear(&word);
}

/* A variable's value where a $ stands. @quoted: blanks in it do not part words. */
static void expand(struct reader *r, struct text *to, bool quoted)
{
	char name[64];
	size_t length = default_begins(r->at, name);
	bool array;
	struct variable *v;

	if (length && ++r->depth <= DEPTH_MAX) {
		put_default(r, to, name, length, quoted);
		r->depth--;
		return;
	}
	v = read_name(r->at, name, &length, &array) ? find(r, name, false) : NULL;
	if (!v && (r->at[1] == '(' || r->at[1] == '{')) {
		add(r, to, next(r), r->line);
		keep_nested(r, to, *r->at, *r->at == '(' ? ')' : '}');
		return;
	}
	if (!v) {
		add(r, to, next(r), r->line);
		return;
	}
	r->at += length;
	put_variable(r, to, v, quoted);
}

static void read_quoted(struct reader *r, struct text *to)
{
	(void)next(r);
	while (*r->at && *r->at != '"') {
		if (*r->at == '\\' && r->at[1] && strchr("\"\\$`\n", r->at[1])) {
			(void)next(r);
			if (*r->at != '\n')
				add(r, to, *r->at, r->line);
			(void)next(r);
		} else if (*r->at == '$') {
			expand(r, to, true);
		} else if (*r->at == '`') {
			keep_nested(r, to, '`', '`');
		} else {
			add(r, to, *r->at, r->line);
			(void)next(r);
		}
	}
	(void)next(r);
}

static bool ends_word(char c)
{
	return !c || isspace((unsigned char)c) || strchr(";|&()<>", c);
}

/* One word from where it begins. */
static void read_word(struct reader *r, struct text *to)
{
	while (!ends_word(*r->at)) {
		if (*r->at == '\'') {
			(void)next(r);
			while (*r->at && *r->at != '\'') {
				add(r, to, *r->at, r->line);
				(void)next(r);
			}
			(void)next(r);
		} else if (*r->at == '"') {
			read_quoted(r, to);
		} else if (*r->at == '$') {
			expand(r, to, false);
		} else if (*r->at == '`') {
			keep_nested(r, to, '`', '`');
		} else {
			if (*r->at == '\\' && r->at[1])
				(void)next(r);
			if (*r->at != '\n')
				add(r, to, *r->at, r->line);
			(void)next(r);
		}
	}
}

/* Blanks, lines that go on, comments. @lines: newlines too. Return: does a word follow? */
static bool skip(struct reader *r, bool lines)
{
	for (;;) {
		if (isspace((unsigned char)*r->at) && (lines || *r->at != '\n')) /* as ends_word() has it */
			(void)next(r);
		else if (*r->at == '\\' && r->at[1] == '\n')
			(void)next(r), (void)next(r);
		else if (*r->at == '#')
			while (*r->at && *r->at != '\n')
				(void)next(r);
		else
			return *r->at && !strchr("\n;|&()<>", *r->at);
	}
}

/* ---- assignments
 * ------------------------------------------------------------------------------------ */

/* NAME= or NAME+=: how much that is; 0: no assignment */
static size_t assignment(const char *at, char name[64], bool *more)
{
	const char *to = at;

	while (isalnum((unsigned char)*to) || *to == '_')
		to++;
	*more = *to == '+';
	if (to == at || to - at >= 64 || isdigit((unsigned char)*at) || to[*more] != '=')
		return 0;
	(void)snprintf(name, 64, "%.*s", (int)(to - at), at);
	return (size_t)(to - at) + *more + 1;
}

static void read_array(struct reader *r, struct text *value)
{
	(void)next(r);
	while (skip(r, true)) {
		if (value->n)
			add(r, value, BETWEEN, r->line);
		read_word(r, value);
	}
	if (*r->at == ')')
		(void)next(r);
}

static void assign(struct reader *r, const char *name, bool more)
{
	struct text value = { .n = 0 };
	struct variable *v;
	bool array = *r->at == '(';

	if (array)
		read_array(r, &value);
	else
		read_word(r, &value);
	v = find(r, name, true); /* after the value: it can hold the variable itself */
	if (!v) {
		r->out->failed = true;
		clear(&value);
		return;
	}
	if (!more)
		clear(&v->value);
	if (more && array && v->value.n && value.n)
		add(r, &v->value, BETWEEN, r->line);
	for (size_t i = 0; i < value.n; i++)
		add(r, &v->value, value.c[i], value.line[i]);
	clear(&value);
}

/* ---- commands
 * --------------------------------------------------------------------------------------- */

static bool is_qemu(const struct text *t)
{
	static const char *const names[] = { "qemu-system-", "qemu-kvm", "kvm" };
	size_t from = t->n;

	while (from && t->c[from - 1] != '/')
		from--;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t length = strlen(names[i]);

		if (t->n - from >= length && !strncmp(t->c + from, names[i], length) &&
		    (!i || t->n - from == length))
			return true;
	}
	return false;
}

/* What is left of a word, split where variables brought blanks. Return: was there room for all of it? */
static bool keep_words(struct reader *r, const struct text *t, struct script_word *item, size_t *count, size_t max)
{
	for (size_t from = 0, to; from < t->n; from = to + 1) {
		for (to = from; to < t->n && t->c[to] != BETWEEN; to++)
			;
		if (to == from)
			continue;
		if (*count == max)
			return false;
		item[*count] = (struct script_word){ .text = strndup(t->c + from, to - from), .line = t->line[from] };
		if (!item[*count].text) {
			r->out->failed = true;
			return false;
		}
		++*count;
	}
	return true;
}

static void free_words(struct script_word *word, size_t *count)
{
	for (; *count; --*count) {
		free(word[*count - 1].text);
		free(word[*count - 1].json);
	}
}

/* What is behind the words that are looked at says no more of which step it is. */
static void give_step(struct reader *r, unsigned int line, const struct text *t)
{
	struct script_word word[STEP_WORDS_MAX];
	size_t count = 0;

	(void)keep_words(r, t, word, &count, STEP_WORDS_MAX);
	if (count)
		r->step(r->step_data, line, word, count);
	free_words(word, &count);
}

/* QEMU's name was found: the words of an earlier command were not a VM's. */
static void begin_words(struct reader *r, const struct text *prefix)
{
	struct script_words *w = r->out;

	script_fini(w);
	(void)keep_words(r, prefix, w->before, &w->before_count, SCRIPT_BEFORE_MAX);
}

/* A command up to its end; of QEMU's first one the words are kept. `exec`, `sudo` and the like
 * before it do not count. */
static void read_command(struct reader *r)
{
	bool qemu = false, taken = false;
	struct text prefix = { .n = 0 };
	unsigned int line = r->line;

	do {
		struct text word = { .n = 0 };
		const char *before = r->at;
		char name[64];
		bool more;
		size_t length = qemu ? 0 : assignment(r->at, name, &more);

		if (length) {
			unsigned int word_line = r->line;

			r->at += length;
			assign(r, name, more);
			if (!prefix.n || before[length] == '(')
				continue;
			r->at = before; /* behind a program it is a word, such as AllowedCPUs=0-1 */
			r->line = word_line;
		}
		read_word(r, &word);
		if (taken) {
			r->out->failed |= !keep_words(r, &word, r->out->item, &r->out->count, SCRIPT_WORDS_MAX);
		} else if (!qemu && is_qemu(&word)) {
			qemu = true;
			taken = !r->step && r->out->count < FEW_WORDS; /* `command -v qemu-system-x86_64` is none */
			if (taken)
				begin_words(r, &prefix);
		} else if (!qemu) {
			for (size_t i = 0; i < word.n; i++)
				add(r, &prefix, word.c[i], word.line[i]);
			add(r, &prefix, BETWEEN, r->line);
		}
		clear(&word);
		if (r->at == before)
			(void)next(r);
	} while (skip(r, false) && !r->out->failed);
	if (!qemu && r->step)
		give_step(r, line, &prefix);
	clear(&prefix);
	r->out->commands += taken ? r->out->count >= FEW_WORDS : qemu;
}

static void read_all(struct reader *r)
{
	r->variable = calloc(VARIABLES_MAX, sizeof(*r->variable));
	r->out->failed |= !r->variable;
	while (*r->at && !r->out->failed) {
		if (skip(r, true))
			read_command(r);
		else if (*r->at)
			(void)next(r);
	}
	for (size_t i = 0; i < r->count; i++)
		clear(&r->variable[i].value);
	free(r->variable);
}

/**
 * script_read() - find the first command of QEMU's in a script
 * @out:	script_fini() in any case; large: not for a stack
 */
void script_read(const char *text, struct script_words *out)
{
	struct reader r = { .at = text, .line = 1, .out = out };

	memset(out, 0, sizeof(*out));
	read_all(&r);
}

/**
 * script_each_step() - call @step with each command that is none of QEMU's
 * @line:	that of @text's first character
 *
 * What a command's output goes to is called as a command of its own, with one word.
 */
void script_each_step(const char *text, unsigned int line, script_step *step, void *data)
{
	struct script_words *none = calloc(1, sizeof(*none)); /* QEMU's are not kept */
	struct reader r = { .at = text, .line = line, .step = step, .step_data = data, .out = none };

	if (none)
		read_all(&r);
	free(none);
}

/** script_fini() - free the words */
void script_fini(struct script_words *w)
{
	free_words(w->item, &w->count);
	free_words(w->before, &w->before_count);
}
