# There is no standby, and the run goes on without one.
# file: launcher/keeper/ledger/standby.c
# matrix: -m demo.journal+ -w keeper:10 -- vfio-run demo
s/if (k->standby.pid || (k->plan->flags & KEEPER_SERVICE))/if (k)/
