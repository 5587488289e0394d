# SPDX-License-Identifier: GPL-2.0-or-later
# nix run 'git+file:.?dir=launcher/packages' -- --version
# Checked for its syntax only: nobody has built it on NixOS yet.
{
  description = "Run a virtual machine on a real PCI device, and give the device back";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      changelog = builtins.readFile ../../CHANGELOG.md;
      release = builtins.head (builtins.match ".*\n## ([0-9.]+)[^\n]*\n.*" changelog);
    in
    {
      packages.x86_64-linux.default = pkgs.stdenv.mkDerivation {
        pname = "vfio-run";
        version = release;
        src = ../..;
        nativeBuildInputs = [ pkgs.pkg-config ];
        buildInputs = with pkgs; [ expat json_c kmod libseccomp pciutils systemd ];
        postPatch = "patchShebangs launcher/packages/version";
        makeFlags = [
          "prefix=$(out)"
          # a profile is an administrator's, and /etc no part of a package there
          "sysconfdir=/etc"
          "LIBSYSTEMD=yes"
          "qemudirs=/run/current-system/sw/bin"
          "firmwaredirs=${pkgs.qemu}/share/qemu/firmware"
          "pciids=${pkgs.hwdata}/share/hwdata/pci.ids"
        ];
        # make install makes /etc/vfio-run, which is not this package's to make
        installFlags = [ "sysconfdir=$(out)/etc" ];
        enableParallelBuilding = true;
        meta = {
          license = pkgs.lib.licenses.gpl2Plus;
          platforms = [ "x86_64-linux" ];
          mainProgram = "vfio-run";
        };
      };
    };
}
