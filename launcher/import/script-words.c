/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script-words.c - the words of a shell script's QEMU command line
 *
 * Quotes, comments, lines that go on, and variables with plain values: NAME=, NAME+=, NAME=( ... ),
 * as sh and bash have them. Nothing is executed: $( ), ` `, $1 and whatever was not assigned stay
 * as they are written. Branches are not followed: what stands last counts. A function's body is read
 * where it is called, with the words of the call.
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
#define FUNCTIONS_MAX 64
#define CALLS_MAX 64 /* of all functions together: each reads a body again */
#define CALLS_DEPTH_MAX 8

struct text {
	char *c;
	unsigned int *line;
	size_t n, room;
};

struct variable {
	char name[64];
	struct text value;
};

struct function {
	char name[64];
	const char *body; /* behind its { */
	unsigned int line;
};

struct reader {
	const char *at;
	unsigned int line, depth;
	struct variable *variable;
	size_t count;
	script_step *step; /* NULL: QEMU's words are asked for, else the other commands */
	void *step_data;
	struct script_words *out;
	struct function function[FUNCTIONS_MAX];
	size_t functions;
	unsigned int calls, called; /* all of them; those that are at work */
	unsigned int open;	    /* the { in a body that is called */
	unsigned int defines;	    /* the { that are open in a body that is only defined */
	bool returned;		    /* a body that was called is at its } */
	const struct text *words;   /* of the call: its name, then what $1 and on are; NULL: at none */
	size_t shifted;
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

/* $@, $* and $1 of a function that is called. Return: how much that is; 0: none of these */
static size_t put_parameter(struct reader *r, struct text *to)
{
	bool brace = r->at[1] == '{';
	char c = r->at[1 + brace];
	bool all = c == '@' || c == '*';
	size_t wanted = all ? 0 : (size_t)(c - '0') + r->shifted, word = 0;

	if (!r->words || !(all || (c >= '1' && c <= '9')) || (brace && r->at[3] != '}'))
		return 0;
	for (size_t i = 0; i < r->words->n; i++) {
		char sign = r->words->c[i];

		word += sign == BETWEEN;
		if (all ? word > r->shifted && (word > r->shifted + 1 || sign != BETWEEN) : word == wanted && sign != BETWEEN)
			add(r, to, sign, r->words->line[i]);
	}
	return brace ? 4 : 2;
}

/* A variable's value where a $ stands. @quoted: blanks in it do not part words. */
static void expand(struct reader *r, struct text *to, bool quoted)
{
	char name[64];
	size_t length = default_begins(r->at, name), parameter;
	bool array;
	struct variable *v;

	if (!length && (parameter = put_parameter(r, to))) {
		r->at += parameter;
		return;
	}
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

/* 2>&1, >log, <<EOF, &>/dev/null: taken, with what it leads to. Return: does a word follow? A step's is a word of its own */
static bool skip_redirections(struct reader *r)
{
	while (!r->step && (strchr("<>", *r->at) || (*r->at == '&' && r->at[1] == '>')) && *r->at) {
		struct text target = { .n = 0 };

		while (*r->at && strchr("<>", *r->at))
			(void)next(r);
		if (*r->at == '&' || *r->at == '|')
			(void)next(r);
		while (*r->at && strchr("<>", *r->at)) /* &>> */
			(void)next(r);
		if (*r->at != '(' && !skip(r, false) && *r->at && strchr("<>", *r->at) && r->at[1] == '(')
			(void)next(r);
		if (*r->at == '(') /* what another command says, or hears */
			keep_nested(r, &target, '(', ')');
		else
			read_word(r, &target);
		clear(&target);
		if (skip(r, false))
			return true;
	}
	return false;
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

/* A variable can have options behind the program's name. */
static size_t program_length(const struct text *t)
{
	const char *end = t->n ? memchr(t->c, BETWEEN, t->n) : NULL;

	return end ? (size_t)(end - t->c) : t->n;
}

static bool is_qemu(const struct text *t)
{
	static const char *const names[] = { "qemu-system-", "qemu-kvm", "kvm" };
	size_t length = program_length(t), from = length;

	if (!t->c)
		return false;
	while (from && t->c[from - 1] != '/')
		from--;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t n = strlen(names[i]);

		if (length - from >= n && !strncmp(t->c + from, names[i], n) && (!i || length - from == n))
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
static void begin_words(struct reader *r, const struct text *prefix, const struct text *program)
{
	struct script_words *w = r->out;
	struct text rest = *program; /* borrowed */

	script_fini(w);
	w->provisional = r->defines > 0;
	(void)snprintf(w->program, sizeof(w->program), "%.*s", (int)program_length(program), program->c);
	w->program_line = program->line[0];
	(void)keep_words(r, prefix, w->before, &w->before_count, SCRIPT_BEFORE_MAX);
	rest.c += program_length(program);
	rest.line += program_length(program);
	rest.n -= program_length(program);
	r->out->failed |= !keep_words(r, &rest, w->item, &w->count, SCRIPT_WORDS_MAX);
}

/* The 2 of 2>log */
static bool is_descriptor(const struct reader *r, const struct text *word, const char *before)
{
	if (r->step || !word->n || word->n != (size_t)(r->at - before) || !*r->at || !strchr("<>", *r->at))
		return false;
	for (size_t i = 0; i < word->n; i++)
		if (!isdigit((unsigned char)word->c[i]))
			return false;
	return true;
}

/* ---- functions
 * -------------------------------------------------------------------------------------- */

static const char *behind_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* "NAME() {", "function NAME {": takes it up, with the {. Return: is it one? */
static bool define(struct reader *r)
{
	bool keyword = !strncmp(r->at, "function ", 9);
	const char *from = keyword ? behind_blanks(r->at + 9) : r->at, *to = from;
	bool brackets;

	while (isalnum((unsigned char)*to) || *to == '_' || *to == '-')
		to++;
	if (to == from || to - from >= 64)
		return false;
	brackets = *behind_blanks(to) == '(' && *behind_blanks(behind_blanks(to) + 1) == ')';
	if (!brackets && !keyword)
		return false;
	if (r->functions < FUNCTIONS_MAX) {
		struct function *f = &r->function[r->functions];

		(void)snprintf(f->name, sizeof(f->name), "%.*s", (int)(to - from), from);
		f->body = NULL;
	}
	r->at = brackets ? behind_blanks(behind_blanks(to) + 1) + 1 : to;
	if (!skip(r, true) || *r->at != '{' || !ends_word(r->at[1]))
		return true; /* its body is a command of another kind, which is read as if it were none's */
	(void)next(r);
	if (r->functions < FUNCTIONS_MAX) {
		r->function[r->functions].body = r->at;
		r->function[r->functions++].line = r->line;
	}
	r->defines++;
	return true;
}

/* The { and } of functions' bodies. Return: was it one, or all of a definition? */
static bool read_brace(struct reader *r)
{
	bool open = *r->at == '{', closed = *r->at == '}';

	if (r->step)
		return false;
	if (!open && !closed)
		return define(r);
	if (!ends_word(r->at[1]))
		return false;
	if (!r->defines && !r->called)
		return false;
	(void)next(r);
	if (r->called && !r->defines) {
		r->open += open;
		r->returned = closed && !r->open;
		r->open -= closed && r->open;
	} else {
		r->defines += open;
		r->defines -= closed;
	}
	return true;
}

static void read_body(struct reader *r);

/* Of a function that is called the body is read, its words being those of the call. The last of a name counts. */
static void call(struct reader *r, const struct text *words)
{
	size_t length = 0, i = r->functions;
	struct reader caller = *r;

	while (length < words->n && words->c[length] != BETWEEN)
		length++;
	if (r->words && length == 5 && !strncmp(words->c, "shift", 5))
		r->shifted++;
	while (length && i && (strlen(r->function[i - 1].name) != length || strncmp(r->function[i - 1].name, words->c, length) != 0))
		i--;
	if (!length || !i || r->called == CALLS_DEPTH_MAX || r->calls == CALLS_MAX)
		return;
	r->at = r->function[i - 1].body;
	r->line = r->function[i - 1].line;
	r->words = words;
	r->shifted = r->open = 0;
	r->called++;
	r->calls++;
	read_body(r);
	r->at = caller.at;
	r->line = caller.line;
	r->words = caller.words;
	r->shifted = caller.shifted;
	r->open = caller.open;
	r->defines = caller.defines;
	r->called--;
	r->returned = false;
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
		if (is_descriptor(r, &word, before)) {
			clear(&word);
			continue;
		}
		if (taken) {
			r->out->failed |= !keep_words(r, &word, r->out->item, &r->out->count, SCRIPT_WORDS_MAX);
		} else if (!qemu && is_qemu(&word)) {
			qemu = true;
			/* `command -v qemu-system-x86_64` is none */
			taken = !r->step && (r->out->count < FEW_WORDS || (r->out->provisional && !r->defines));
			if (taken)
				begin_words(r, &prefix, &word);
		} else if (!qemu) {
			for (size_t i = 0; i < word.n; i++)
				add(r, &prefix, word.c[i], word.line[i]);
			add(r, &prefix, BETWEEN, r->line);
		}
		clear(&word);
		if (r->at == before)
			(void)next(r);
	} while ((skip(r, false) || skip_redirections(r)) && !r->out->failed);
	if (!qemu && r->step)
		give_step(r, line, &prefix);
	if (!qemu && !r->step && !r->defines)
		call(r, &prefix);
	clear(&prefix);
	*(r->defines ? &r->out->defined : &r->out->commands) += taken ? r->out->count >= FEW_WORDS : qemu;
}

/* Up to the end, or to that of a function's body. */
static void read_body(struct reader *r)
{
	while (*r->at && !r->out->failed && !r->returned) {
		if (!skip(r, true) && !skip_redirections(r)) {
			if (*r->at)
				(void)next(r);
		} else if (!read_brace(r)) {
			read_command(r);
		}
	}
}

static void read_all(struct reader *r)
{
	r->variable = calloc(VARIABLES_MAX, sizeof(*r->variable));
	r->out->failed |= !r->variable;
	read_body(r);
	if (!r->out->commands)
		r->out->commands = r->out->defined;
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
