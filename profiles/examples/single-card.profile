# The only card, which the host's desktop is on: that ends, and comes back after the VM.
# Who may end it is asked; `-y` answers yes. Tried with emulated cards only.

[vm]
memory = 8G

[gpu]
# `vfio-run list gpu` shows the addresses.
device = PUT-ADDRESS-HERE

[session]
# systemd's name for whichever display manager there is.
stop = display-manager.service
