# The operation of a worker that was killed is not repeated.
# file: launcher/keeper/kinds/device.c
# matrix: -w worker:5 -- vfio-run demo
s/rc == -ECHILD && tries < TRIES_MAX/rc == -ECHILD \&\& tries < 1/
