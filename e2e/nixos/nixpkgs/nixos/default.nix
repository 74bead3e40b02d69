# As much of a nixpkgs as building a test system takes: the configuration's host name, and its file systems through what it imports.
{ configuration ? <nixos-config> }:
let
  lib.mkDefault = value: value;
  evaluated = file:
    let module = import file; in
    if builtins.isFunction module then module { inherit lib; } else module;
  config = evaluated configuration;
  fileSystems = builtins.foldl' (all: file: all // (evaluated file).fileSystems or { }) { } config.imports;
  zfs = builtins.filter (path: fileSystems.${path}.fsType == "zfs") (builtins.attrNames fileSystems);
in
{
  system = import ../closure.nix {
    parts = ../parts;
    name = config.networking.hostName;
    system = "x86_64-linux";
    grubDevice = builtins.head (evaluated (builtins.head config.imports)).boot.loader.grub.devices;
    mounts = builtins.concatStringsSep "\n" (map (path: "${fileSystems.${path}.device}:${path}") zfs);
  };
}
