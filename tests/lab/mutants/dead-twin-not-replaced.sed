# A twin that is killed is missed by nobody.
# file: launcher/keeper/twin.c
# scenario: kill-sets
s/^\(int twin_ensure(struct keep \*k)\)$/\1\n{\n\t(void)k;\n\treturn 0;\n}\nint twin_ensure_not(struct keep *k);\nint twin_ensure_not(struct keep *k)/
