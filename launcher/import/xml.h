/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xml.h - an XML document as a tree; what was asked of it is marked, so that the rest can be told */
#ifndef VFIO_RUN_IMPORT_XML_H
#define VFIO_RUN_IMPORT_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"

struct xml {
	char *name;
	char **attribute; /* name, value, name, value ..., NULL */
	char *text;	  /* of this element alone, without blanks around it; NULL: none */
	size_t length;	  /* of @text */
	unsigned int line;
	bool used;
	bool qemu; /* the default namespace is QEMU's here */
	struct xml *child, *last, *next, *parent; /* @last: of the children */
};

int xml_parse(const char *text, size_t size, struct xml **out, char *error, size_t error_size) must_check;
void xml_free(struct xml *x);
struct xml *xml_find(struct xml *x, const char *path);
struct xml *xml_next(struct xml *x);
const char *xml_get(struct xml *x, const char *path, const char *attribute);
const char *xml_text(struct xml *x, const char *path);
bool xml_is(struct xml *x, const char *path, const char *attribute, const char *value);
void xml_use(struct xml *x);

#endif /* VFIO_RUN_IMPORT_XML_H */
