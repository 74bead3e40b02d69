# The test system as a flake; see make-closure.
{
  outputs = { self }: {
    nixosConfigurations.test.config.system.build.toplevel = import ./closure.nix {
      parts = ./parts;
      name = "test";
      system = "x86_64-linux";
      buildSystem = "x86_64-linux";
      grubDevice = "/dev/vda";
      mounts = "tank/root:/\ntank/nix:/nix";
    };
  };
}
