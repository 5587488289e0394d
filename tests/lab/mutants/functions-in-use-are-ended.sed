# Virtual functions are ended although something else uses one.
# file: launcher/keeper/kinds/vfs.c
# scenario: made-vfs
# boot: vfs
s/if (c->kind == CHANGE_VFS && is_used(c->target, now))/if (c->kind == CHANGE_MAX \&\& is_used(c->target, now))/
