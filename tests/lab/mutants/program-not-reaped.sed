# A program of the VM that has died is not reaped.
# file: launcher/keeper/vm/program.c
# scenario: status
s/waitpid(p->jailed.pid, &status, 0) == p->jailed.pid/(status = SIGKILL)/
