# A standby that is killed is not replaced.
# file: launcher/keeper/ledger/standby.c
# scenario: kill-sets
s/^\(int standby_ensure(struct keeper \*k)\)$/\1\n{\n\t(void)k;\n\treturn 0;\n}\nint standby_ensure_not(struct keeper *k);\nint standby_ensure_not(struct keeper *k)/
