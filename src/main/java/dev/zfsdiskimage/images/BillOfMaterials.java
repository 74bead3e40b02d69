package dev.zfsdiskimage.images;

import com.github.packageurl.MalformedPackageURLException;
import com.github.packageurl.PackageURL;
import com.github.packageurl.PackageURLBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import org.cyclonedx.Version;
import org.cyclonedx.exception.GeneratorException;
import org.cyclonedx.generators.BomGeneratorFactory;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Hash;
import org.cyclonedx.model.Metadata;

/** A CycloneDX document of what is in an image; the same image always has the same document. */
final class BillOfMaterials {
  private final OciImage image;
  private final String version;
  private final String architecture;

  BillOfMaterials(OciImage image, String version, String architecture) {
    this.image = image;
    this.version = version;
    this.architecture = architecture;
  }

  /**
   * The document as JSON.
   *
   * @param digest the image's, as {@code sha256:…}
   */
  String json(String digest) {
    Bom bom = new Bom();
    bom.setSerialNumber(
        "urn:uuid:" + UUID.nameUUIDFromBytes(digest.getBytes(StandardCharsets.UTF_8)));
    bom.setMetadata(metadata(digest));
    bom.setComponents(
        image.packages().stream()
            .map(BillOfMaterials::component)
            .sorted(Comparator.comparing(Component::getPurl))
            .toList());
    try {
      return BomGeneratorFactory.createJson(Version.VERSION_16, bom).toJsonString(true) + "\n";
    } catch (GeneratorException e) {
      throw new IllegalStateException("names and versions are always JSON", e);
    }
  }

  private Metadata metadata(String digest) {
    Component container = new Component();
    container.setType(Component.Type.CONTAINER);
    container.setName(image.name());
    container.setVersion(version);
    container.setDescription(image.description());
    container.setHashes(
        List.of(new Hash(Hash.Algorithm.SHA_256, digest.substring(digest.indexOf(':') + 1))));
    container.setPurl(
        url(
            PackageURLBuilder.aPackageURL()
                .withType("oci")
                .withName(image.name())
                .withVersion(digest)
                .withQualifier("arch", architecture)
                .withQualifier("tag", version)));
    container.setBomRef(container.getPurl());
    Metadata metadata = new Metadata();
    metadata.setTimestamp(Date.from(image.created()));
    metadata.setComponent(container);
    return metadata;
  }

  private static Component component(SoftwarePackage software) {
    Component component = new Component();
    component.setType(Component.Type.LIBRARY);
    component.setName(software.name());
    component.setVersion(software.version());
    if (software instanceof SoftwarePackage.Maven maven) {
      component.setGroup(maven.group());
    }
    component.setPurl(url(software));
    component.setBomRef(component.getPurl());
    return component;
  }

  private static PackageURL url(SoftwarePackage software) {
    PackageURLBuilder url =
        PackageURLBuilder.aPackageURL().withName(software.name()).withVersion(software.version());
    if (software instanceof SoftwarePackage.Debian debian) {
      return url(
          url.withType("deb").withNamespace("debian").withQualifier("arch", debian.architecture()));
    }
    return url(url.withType("maven").withNamespace(((SoftwarePackage.Maven) software).group()));
  }

  private static PackageURL url(PackageURLBuilder builder) {
    try {
      return builder.build();
    } catch (MalformedPackageURLException e) {
      throw new IllegalStateException("names and versions come from package managers", e);
    }
  }
}
