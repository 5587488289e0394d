// SPDX-License-Identifier: GPL-2.0-or-later
/* clock.c - a cpufreq driver without hardware: it takes every frequency, and has every governor */
#include <linux/cpufreq.h>
#include <linux/module.h>

static struct cpufreq_frequency_table table[] = {
	{ .frequency = 1000000 },
	{ .frequency = 2000000 },
	{ .frequency = CPUFREQ_TABLE_END },
};
static unsigned int chosen;

static int clock_init(struct cpufreq_policy *policy)
{
	policy->freq_table = table;
	return 0;
}

static int clock_set(struct cpufreq_policy *policy, unsigned int index)
{
	chosen = index;
	return 0;
}

static unsigned int clock_get(unsigned int cpu)
{
	return table[chosen].frequency;
}

static struct cpufreq_driver clock = {
	.name = "lab-clock",
	.init = clock_init,
	.verify = cpufreq_generic_frequency_table_verify,
	.target_index = clock_set,
	.get = clock_get,
};

static int __init clock_load(void)
{
	return cpufreq_register_driver(&clock);
}

module_init(clock_load);
MODULE_LICENSE("GPL");
