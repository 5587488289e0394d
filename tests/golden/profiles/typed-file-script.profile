#!/bin/bash
set -e
exec qemu-system-x86_64 -m 4G \
  -device vfio-pci,host=01:00.0
