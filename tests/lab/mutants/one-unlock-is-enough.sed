# A lock that could not be let go of at once is kept, and a twin waits for its own twin's.
# file: launcher/keeper/state.c
# matrix: -m demo.journal+ -k 60 -w twin:1 -c flock -e 1 -r 'vfio-run recover' -- vfio-run demo
s/i < TRIES && flock(fd, LOCK_UN) < 0/i < 1 \&\& flock(fd, LOCK_UN) < 0/
