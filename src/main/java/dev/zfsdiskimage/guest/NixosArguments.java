package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.recipe.Recipe.Channel;
import dev.zfsdiskimage.recipe.Recipe.ChannelSource;
import dev.zfsdiskimage.recipe.Recipe.ClosureSource;
import dev.zfsdiskimage.recipe.Recipe.Install;
import dev.zfsdiskimage.recipe.Recipe.NixosSystem;
import java.util.ArrayList;
import java.util.List;

/** What the guest program's NixOS install reads; docs/guest-program.md describes the fields. */
final class NixosArguments {
  private NixosArguments() {}

  /** The record of install.args. */
  static List<String> install(Install.Nixos nixos) {
    if (nixos.system() instanceof NixosSystem.StorePath system) {
      return List.of("nixos", "system", system.path());
    }
    if (nixos.system() instanceof NixosSystem.Flake flake) {
      return List.of("nixos", "flake", flake.reference());
    }
    return List.of("nixos", "configuration");
  }

  /** The records of nixos-closure.args. */
  static List<List<String>> closure(Install.Nixos nixos) {
    List<List<String>> records = new ArrayList<>();
    for (ClosureSource source : nixos.closure()) {
      if (source instanceof ClosureSource.InPayload payload) {
        records.add(List.of("payload", Integer.toString(payload.index())));
      } else {
        ClosureSource.Substituter substituter = (ClosureSource.Substituter) source;
        List<String> fields = new ArrayList<>();
        fields.addAll(
            List.of("substituter", substituter.url(), substituter.unsigned() ? "yes" : "no"));
        fields.addAll(substituter.publicKeys());
        records.add(fields);
      }
    }
    return records;
  }

  /** The list of nixos-channel.args; empty without a channel. */
  static List<String> channel(Install.Nixos nixos) {
    return nixos.channel().map(NixosArguments::channel).orElse(List.of());
  }

  private static List<String> channel(Channel channel) {
    String included = channel.included() ? "yes" : "no";
    if (channel.source() instanceof ChannelSource.InPayload payload) {
      return List.of(included, "payload", Integer.toString(payload.index()), payload.path());
    }
    return List.of(included, "store", ((ChannelSource.StorePath) channel.source()).path());
  }
}
