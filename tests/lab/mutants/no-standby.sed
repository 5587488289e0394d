# There is no standby, and nobody minds.
# file: launcher/keeper/ledger/standby.c
# matrix: -m demo.journal+ -w keeper:10 -- vfio-run demo
s/if (k->standby.pid || (k->plan->flags & KEEPER_SERVICE))/if (k)/
