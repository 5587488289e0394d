# A lock that cannot be let go of stays with the twin, and a twin waits for its own twin's.
# file: launcher/keeper/job.c
# matrix: -m demo.journal+ -k 60 -w twin:1 -c flock -e 1 -r 'vfio-run recover' -- vfio-run demo
/^void job_leave_journal/,/^}/s/if (rc)/if (rc \&\& !k)/
s/if (state_close(&k->state))/if (state_close(\&k->state) \&\& !k)/
