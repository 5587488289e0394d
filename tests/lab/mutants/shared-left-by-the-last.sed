# A change that virtual machines share stays when the last one of them has ended.
# file: launcher/keeper/ledger/shared.c
# scenario: shared
# boot: twins-shared
s/^\trc = change_revert(k, &c);$/\trc = s->user_count > 1 ? change_revert(k, \&c) : 0;/
