# The change is made first and written down then.
# file: launcher/keeper/ledger/apply.c
# matrix: -m demo.journal+ -w keeper:2 -- vfio-run demo
s/rc = journal_add_change(&k->journal, c);/rc = change_apply(k, c);/
s/return rc ? rc : change_apply(k, c);/return rc ? rc : journal_add_change(\&k->journal, c);/
