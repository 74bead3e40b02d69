package dev.zfsdiskimage.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirmwaresTest {
  @TempDir Path folder;

  @Test
  void takesThePlainUefiAndPassesOverTheOthers() throws IOException {
    descriptor("40-signed.json", "secure", "uefi", "\"enrolled-keys\", \"requires-smm\"", "x86_64");
    descriptor("50-arm.json", "arm", "uefi", "", "aarch64");
    descriptor("55-bios.json", "bios", "bios", "", "x86_64");
    descriptor("60-plain.json", "plain", "uefi", "\"acpi-s3\"", "x86_64");

    assertThat(new Firmwares(List.of(folder)).uefi())
        .contains(new Firmwares.Uefi(folder.resolve("plain.code"), folder.resolve("plain.vars")));
  }

  @Test
  void prefersTheAdministratorsChoice() throws IOException {
    Path etc = Files.createDirectory(folder.resolve("etc"));
    descriptor("60-plain.json", "plain", "uefi", "", "x86_64");
    Files.copy(folder.resolve("60-plain.json"), etc.resolve("60-plain.json"));
    Files.writeString(
        etc.resolve("60-plain.json"),
        Files.readString(etc.resolve("60-plain.json")).replace("plain.code", "own.code"));
    Files.createFile(folder.resolve("own.code"));

    assertThat(new Firmwares(List.of(etc, folder)).uefi().orElseThrow().code())
        .isEqualTo(folder.resolve("own.code"));
  }

  @Test
  void isEmptyWhereNoFirmwareIsInstalled() throws IOException {
    descriptor("60-plain.json", "plain", "uefi", "", "x86_64");
    Files.delete(folder.resolve("plain.code"));

    assertThat(new Firmwares(List.of(folder, folder.resolve("missing"))).uefi()).isEmpty();
  }

  private void descriptor(
      String file, String name, String kind, String features, String architecture)
      throws IOException {
    Path code = Files.createFile(folder.resolve(name + ".code"));
    Path variables = Files.createFile(folder.resolve(name + ".vars"));
    Files.writeString(
        folder.resolve(file),
        """
        {"interface-types": ["%s"],
         "mapping": {"device": "flash",
                     "executable": {"filename": "%s", "format": "raw"},
                     "nvram-template": {"filename": "%s", "format": "raw"}},
         "targets": [{"architecture": "%s", "machines": ["pc-i440fx-*", "pc-q35-*"]}],
         "features": [%s]}
        """
            .formatted(kind, code, variables, architecture, features));
  }
}
