# An override that cannot be put back is taken for put back.
# file: launcher/keeper/kinds/attribute.c
# matrix: -w worker:0 -e 7 -r true -- vfio-run demo
/^static int attribute_revert/,/^}/s/return attribute_set(\(.*\));/(void)!attribute_set(\1);\n\treturn 0;/
