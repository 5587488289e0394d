# The journal is taken away, then the changes are.
# file: launcher/keeper/job-run.c
# matrix: -m demo.journal+ -w keeper:3 -- vfio-run demo
s/restored = revert_all(k);/job_drop_journal(k);\n\t&/
