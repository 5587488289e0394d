# A device that cannot be looked at once is taken for unplugged, and left where it is.
# file: launcher/keeper/worker/work.c
# matrix: -w worker:0 -c openat -e 3 -r true -- vfio-run demo
s/error == -ENOENT || error == -ENODEV || error == -ENXIO ? -EIO : error/error == -ENOENT || error == -ENODEV ? -ENXIO : error/
