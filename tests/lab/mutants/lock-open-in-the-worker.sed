# A worker inherits the locks: while it hangs in a driver no other process can give anything back.
# file: launcher/keeper/worker/worker.c
# scenario: naughty-killed
s/if (syscall(SYS_close_range, WORK_FD_SCOPE + 1, ~0U, 0) < 0)/if (socket < 0)/
