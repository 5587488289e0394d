# What a worker was doing when somebody killed it is not done again.
# file: launcher/keeper/kinds/device.c
# matrix: -w worker:5 -- vfio-run demo
s/rc == -ECHILD && tries < TRIES_MAX/rc == -ECHILD \&\& tries < 1/
