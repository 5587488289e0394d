# An override that cannot be put back is taken for put back.
# file: launcher/keeper/changes.c
# matrix: -w worker:0 -e 7 -r true -- vfio-run demo
s/return rc == -ENOENT \&\& !\*c->from ? 0 : rc;/return 0 * rc;/
