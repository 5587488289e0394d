# A lock that cannot be let go of stays with the standby, and a standby waits for its own standby's.
# file: launcher/keeper/job.c
# matrix: -m demo.journal+ -k 60 -w standby:1 -c flock -e 1 -r 'vfio-run recover' -- vfio-run demo
/^void job_leave_journal/,/^}/s/if (rc)/if (rc \&\& !k)/
s/if (state_close(&k->state))/if (state_close(\&k->state) \&\& !k)/
