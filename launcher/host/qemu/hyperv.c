/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperv.c - the Hyper-V enlightenments: which of them QEMU and KVM have
 *
 * QEMU is asked for the model "host" with hv-passthrough, as libvirt does: it then shows what
 * KVM has, on this processor. Where KVM cannot be opened by who asks (its group has to be
 * joined, or it is not loaded yet), those are taken that every KVM has.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/host/qemu/hyperv.h"
#include "launcher/host/qemu/qemu-question.h"

#define ANSWER_TEXT (1u << 20) /* 20 KiB with QEMU 7.2 */

/*
 * Source: kvm_hyperv_properties of QEMU's target/i386/kvm/kvm.c, docs/system/i386/hyperv.rst.
 * Left out: hv-syndbg, a debugger's, with which Windows does not start;
 * hv-no-nonarch-coresharing, which reports about the host's scheduler; hv-enforce-cpuid.
 */
/* clang-format off */
const struct hyperv_feature hyperv_features[] = {
	{ "hv-relaxed",        NULL,          "on",     true },
	{ "hv-vapic",          NULL,          "on",     true },
	{ "hv-spinlocks",      "hv-relaxed",  "0x1fff", true }, /* a number: there with any other */
	{ "hv-time",           NULL,          "on",     true },
	{ "hv-crash",          NULL,          "on",     true },
	{ "hv-reset",          NULL,          "on",     true },
	{ "hv-vpindex",        NULL,          "on",     true },
	{ "hv-runtime",        NULL,          "on",     true },
	{ "hv-synic",          "hv-vpindex",  "on",     true },
	{ "hv-stimer",         "hv-synic",    "on",     true },
	{ "hv-stimer-direct",  "hv-stimer",   "on",     true },
	{ "hv-frequencies",    NULL,          "on",     true },
	{ "hv-reenlightenment", NULL,         "on",     true },
	{ "hv-tlbflush",       "hv-vpindex",  "on",     true },
	{ "hv-tlbflush-ext",   "hv-tlbflush", "on",     false },
	{ "hv-tlbflush-direct", "hv-vapic",   "on",     false },
	{ "hv-ipi",            "hv-vpindex",  "on",     true },
	{ "hv-evmcs",          "hv-vapic",    "on",     false },
	{ "hv-emsr-bitmap",    "hv-evmcs",    "on",     false },
	{ "hv-xmm-input",      NULL,          "on",     false },
	{ "hv-avic",           NULL,          "on",     false },
};
/* clang-format on */
const size_t hyperv_feature_count = ARRAY_SIZE(hyperv_features);

static const char input[] =
	"{\"execute\":\"qmp_capabilities\"}\n"
	"{\"execute\":\"query-cpu-model-expansion\",\"id\":\"kvm\",\"arguments\":{\"type\":\"full\","
	"\"model\":{\"name\":\"host\",\"props\":{\"hv-passthrough\":true}}}}\n"
	"{\"execute\":\"quit\"}\n";

/** hyperv_of_every_kvm() - the set that needs no question */
unsigned int hyperv_of_every_kvm(void)
{
	unsigned int mask = 0;

	for (size_t i = 0; i < ARRAY_SIZE(hyperv_features); i++)
		mask |= (unsigned int)hyperv_features[i].every_kvm << i;
	return mask;
}

static unsigned int bit_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(hyperv_features); i++)
		if (!strcmp(hyperv_features[i].name, name))
			return 1u << i;
	return 0;
}

/** hyperv_with_needs() - the set without those whose need is not in it: QEMU refuses them */
unsigned int hyperv_with_needs(unsigned int mask)
{
	for (size_t i = 0; i < ARRAY_SIZE(hyperv_features); i++) {
		const char *needs = hyperv_features[i].needs;

		if (needs && !(mask & bit_of(needs)))
			mask &= ~(1u << i);
	}
	return mask;
}

static struct json_object *member(struct json_object *o, const char *name)
{
	struct json_object *value;

	return o && json_object_is_type(o, json_type_object) &&
			       json_object_object_get_ex(o, name, &value)
		       ? value
		       : NULL;
}

/* Return: true when this line is KVM's answer */
static bool read_line(const char *line, unsigned int *mask)
{
	struct json_object *o = json_tokener_parse(line), *value;
	struct json_object *props = member(member(member(o, "return"), "model"), "props");
	bool answered = json_object_is_type(props, json_type_object);

	*mask = 0;
	for (size_t i = 0; answered && i < ARRAY_SIZE(hyperv_features); i++) {
		value = member(props, hyperv_features[i].name);
		if (value && json_object_is_type(value, json_type_boolean) &&
		    json_object_get_boolean(value))
			*mask |= 1u << i;
		else if (value && json_object_is_type(value, json_type_int))
			*mask |= 1u << i; /* hv-spinlocks */
	}
	*mask = hyperv_with_needs(*mask);
	(void)json_object_put(o);
	return answered;
}

static bool read_answer(char *text, unsigned int *mask)
{
	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (strstr(line, "\"hv-relaxed\"") && read_line(line, mask))
			return true;
	}
	return false;
}

/**
 * host_qemu_hyperv() - the enlightenments that this emulator and this KVM have
 * @user:	who runs it when it is not the system's, or when it takes groups to open KVM; never
 *		root
 * @mask:	a set of hyperv_features; 0: KVM has none at all
 *
 * Source: QEMU, qapi/machine-target.json, query-cpu-model-expansion.
 *
 * Return: 0; 1: KVM did not answer, @mask has what every KVM has; -ENOMEM
 */
int host_qemu_hyperv(const char *path, const struct host_user *user, unsigned int *mask)
{
	static const char *const arguments[] = { "-machine",    "none,accel=kvm:tcg",
						 "-nodefaults", "-display",
						 "none",        "-qmp",
						 "stdio",       NULL };
	char known[QEMU_CACHE_ANSWER_MAX];
	cleanup_free char *text = malloc(ANSWER_TEXT);
	struct host_user in_groups = *user;
	struct qemu_question q;

	if (!text)
		return -ENOMEM;
	in_groups.alone = false;
	qemu_question(&q, path, "hyperv 1"); /* the number goes up with the table */
	if (qemu_question_known(&q, known) && sscanf(known, "%x", mask) == 1)
		return 0;
	if (!qemu_question_ask(&q, &in_groups, arguments, input, "\"hv-relaxed\"", text,
			       ANSWER_TEXT) &&
	    read_answer(text, mask)) {
		(void)snprintf(known, sizeof(known), "%x", *mask);
		qemu_question_keep(&q, known);
		return 0;
	}
	*mask = hyperv_of_every_kvm();
	return 1;
}
