<?xml version='1.0'?>
<domain type='kvm'>
  <name>win10</name>
  <memory unit='KiB'>4194304</memory>
</domain>
