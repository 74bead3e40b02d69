# A system with NixOS's toplevel contract, from raw derivations. See make-closure.
{ parts, name, system, grubDevice, mounts, buildSystem ? builtins.currentSystem }:
let
  source = name: builtins.path { inherit name; path = parts + "/${name}"; };
  busybox = builtins.path { name = "busybox-static"; path = parts + "/busybox"; };
  programs = source "programs";
  kernel = builtins.path { name = "linux-zdi-test"; path = parts + "/kernel"; };

  make = name: script: attributes:
    derivation (attributes // {
      inherit name busybox programs;
      system = buildSystem;
      builder = "${busybox}/bin/sh";
      args = [ "-e" "${programs}/${script}" ];
      PATH = "${busybox}/bin";
    });

  zfs = make "zfs-user" "build-wrapped" { collected = source "zfs"; };
  grub = make "grub" "build-wrapped" { collected = source "grub"; };
  initrd = make "initrd-linux-zdi-test" "build-initrd" { inherit kernel zfs mounts; };
  etc = make "etc" "build-etc" { inherit label; };
  label = "24.11.${name}";
in
make "nixos-system-${name}-${label}" "build-toplevel" {
  inherit kernel initrd zfs grub etc label mounts grubDevice;
  targetSystem = system;
  hostName = name;
}
