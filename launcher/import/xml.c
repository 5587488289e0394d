/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xml.c - expat's events to a tree
 *
 * Entities are not defined here: a document that declares any is refused, as nothing that describes a
 * VM has them, and they can be made to grow without end.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "launcher/import/xml.h"

#define DEPTH_MAX 64

/* The namespace of `qemu:commandline`; which prefix stands for it, or that none does, is the document's choice. */
#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

struct reader {
	XML_Parser parser;
	unsigned int line; /* counted here: expat's own functions for it change their names */
	struct xml *root, *last, *at; /* @last: beside the root */
	char prefix[32]; /* of QEMU_NAMESPACE */
	unsigned int depth;
	bool failed, entities;
};

/* Takes up what the attributes of an element say of QEMU_NAMESPACE. Return: is it the element's own? */
static bool read_namespace(struct reader *r, const char **attributes)
{
	bool own = false;

	for (; attributes[0]; attributes += 2) {
		if (strcmp(attributes[1], QEMU_NAMESPACE) != 0)
			continue;
		if (!strcmp(attributes[0], "xmlns"))
			own = true;
		else if (!strncmp(attributes[0], "xmlns:", 6))
			(void)snprintf(r->prefix, sizeof(r->prefix), "%s", attributes[0] + 6);
	}
	return own;
}

/* As libvirt itself prints it: "qemu:arg". Return: NULL: no memory */
static char *name_of(struct reader *r, const char *name, bool own)
{
	size_t length = strlen(r->prefix);
	char *full = NULL;

	if (own && !strchr(name, ':'))
		return asprintf(&full, "qemu:%s", name) < 0 ? NULL : full;
	if (length && !strncmp(name, r->prefix, length) && name[length] == ':')
		return asprintf(&full, "qemu%s", name + length) < 0 ? NULL : full;
	return strdup(name);
}

static struct xml *new_node(struct reader *r, const char *name, const char **attributes)
{
	struct xml *x = calloc(1, sizeof(*x));
	size_t n = 0;

	if (!x)
		return NULL;
	x->line = r->line;
	x->qemu = read_namespace(r, attributes) || (r->at && r->at->qemu);
	x->name = name_of(r, name, x->qemu);
	while (attributes[n])
		n++;
	x->attribute = calloc(n + 1, sizeof(*x->attribute));
	for (size_t i = 0; x->attribute && i < n; i++) {
		x->attribute[i] = strdup(attributes[i]);
		r->failed |= !x->attribute[i];
	}
	r->failed |= !x->name || !x->attribute;
	return x;
}

static void append(struct reader *r, struct xml *x)
{
	struct xml **first = r->at ? &r->at->child : &r->root, **last = r->at ? &r->at->last : &r->last;

	*(*last ? &(*last)->next : first) = x;
	*last = x;
	x->parent = r->at;
	r->at = x;
}

static void XMLCALL start(void *context, const char *name, const char **attributes)
{
	struct reader *r = context;
	struct xml *x = r->failed ? NULL : new_node(r, name, attributes);

	if (!x || ++r->depth > DEPTH_MAX)
		r->failed = true;
	if (x)
		append(r, x);
	if (r->failed)
		(void)XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL end(void *context, const char *name)
{
	struct reader *r = context;

	(void)name;
	r->depth--;
	r->at = r->at ? r->at->parent : NULL;
}

static void XMLCALL characters(void *context, const char *text, int length)
{
	struct reader *r = context;
	size_t had = r->at ? r->at->length : 0, from = 0, n = (size_t)length;
	char *grown;

	if (!r->at || r->failed)
		return;
	while (!had && from < n && isspace((unsigned char)text[from]))
		from++;
	if (from == n)
		return;
	grown = realloc(r->at->text, had + n - from + 1);
	if (!grown) {
		r->failed = true;
		return;
	}
	memcpy(grown + had, text + from, n - from);
	grown[had + n - from] = '\0';
	r->at->text = grown;
	r->at->length = had + n - from;
}

static void XMLCALL entity(void *context, const char *name, int parameter, const char *value, int length,
			   const char *base, const char *system, const char *public, const char *notation)
{
	struct reader *r = context;

	(void)name, (void)parameter, (void)value, (void)length, (void)base, (void)system, (void)public, (void)notation;
	r->entities = true;
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static void trim(struct xml *x)
{
	for (; x; x = x->next) {
		while (x->length && isspace((unsigned char)x->text[x->length - 1]))
			x->text[--x->length] = '\0';
		trim(x->child);
	}
}

/* Line by line: an element is in the line that its tag ends in. */
static enum XML_Status parse_lines(struct reader *r, const char *text, size_t size)
{
	enum XML_Status status = XML_STATUS_OK;

	for (size_t at = 0; at < size && status == XML_STATUS_OK;) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t length = end ? (size_t)(end - text) + 1 - at : size - at;

		r->line++;
		status = XML_Parse(r->parser, text + at, (int)length, at + length == size);
		at += length;
	}
	return status;
}

/* Did it end too early, in an element or in its tag? */
static bool is_cut_off(const struct reader *r)
{
	enum XML_Error error = XML_GetErrorCode(r->parser);

	return error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN || error == XML_ERROR_PARTIAL_CHAR;
}

/**
 * xml_parse() - a document as a tree
 * @out:	freed with xml_free()
 * @error:	receives "line 3: what is wrong"
 *
 * Return: 0, -EINVAL or -ENOMEM
 */
int xml_parse(const char *text, size_t size, struct xml **out, char *error, size_t error_size)
{
	struct reader r = { .parser = XML_ParserCreate(NULL) };
	enum XML_Status status;
	int rc = 0;

	if (!r.parser)
		return -ENOMEM;
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, start, end);
	XML_SetCharacterDataHandler(r.parser, characters);
	XML_SetEntityDeclHandler(r.parser, entity);
	status = parse_lines(&r, text, size);
	if (status != XML_STATUS_OK || r.failed) {
		(void)snprintf(error, error_size, "line %u: %s", r.line,
			       r.entities ? "it declares entities: they are not taken" :
			       r.failed	  ? "nested too deeply, or no memory" :
					    XML_ErrorString(XML_GetErrorCode(r.parser)));
		if (!r.entities && !r.failed && r.at && is_cut_off(&r))
			(void)snprintf(error, error_size, "line %u: it is cut off: <%.64s> has no end", r.line, r.at->name);
		xml_free(r.root);
		r.root = NULL;
		rc = -EINVAL;
	}
	XML_ParserFree(r.parser);
	trim(r.root);
	*out = r.root;
	return rc;
}

/** xml_free() - the tree, with what stands beside its root */
void xml_free(struct xml *x)
{
	while (x) {
		struct xml *next = x->next;

		xml_free(x->child);
		for (size_t i = 0; x->attribute && x->attribute[i]; i++)
			free(x->attribute[i]);
		free(x->attribute);
		free(x->name);
		free(x->text);
		free(x);
		x = next;
	}
}

static struct xml *child_of(struct xml *x, const char *name, size_t length)
{
	for (x = x->child; x; x = x->next)
		if (strlen(x->name) == length && !strncmp(x->name, name, length))
			return x;
	return NULL;
}

/** xml_find() - the first element at @path below @x ("os/loader"), marked with those on the way; NULL: none */
struct xml *xml_find(struct xml *x, const char *path)
{
	while (x && *path) {
		size_t length = strcspn(path, "/");

		x = child_of(x, path, length);
		path += length + (path[length] == '/');
		if (x)
			x->used = true;
	}
	return x;
}

/** xml_next() - the next element of the same name beside @x, marked; NULL: none */
struct xml *xml_next(struct xml *x)
{
	const char *name = x->name;

	for (x = x->next; x && strcmp(x->name, name);)
		x = x->next;
	if (x)
		x->used = true;
	return x;
}

/** xml_get() - an attribute of the element at @path ("": of @x itself); NULL: it has none. Borrowed */
const char *xml_get(struct xml *x, const char *path, const char *attribute)
{
	x = xml_find(x, path);
	for (size_t i = 0; x && x->attribute[i]; i += 2)
		if (!strcmp(x->attribute[i], attribute))
			return x->attribute[i + 1];
	return NULL;
}

/** xml_text() - the text of the element at @path; NULL: none. Borrowed */
const char *xml_text(struct xml *x, const char *path)
{
	x = xml_find(x, path);
	return x ? x->text : NULL;
}

/** xml_is() - does the element at @path have the attribute with that value? */
bool xml_is(struct xml *x, const char *path, const char *attribute, const char *value)
{
	const char *has = xml_get(x, path, attribute);

	return has && !strcmp(has, value);
}

/** xml_use() - mark an element and all below: nothing of it is worth a word */
void xml_use(struct xml *x)
{
	if (!x)
		return;
	x->used = true;
	for (x = x->child; x; x = x->next)
		xml_use(x);
}
