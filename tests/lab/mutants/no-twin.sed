# There is no twin, and nobody minds.
# file: launcher/keeper/twin.c
# matrix: -m demo.journal+ -w keeper:10 -- vfio-run demo
s/if (k->twin.pid || (k->plan->flags & KEEPER_SERVICE))/if (k)/
