package dev.zfsdiskimage.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** An operating system on ZFS, to be built as the images of a boot disk and a root disk. */
@Group(ZfsDiskImage.GROUP)
@Version(ZfsDiskImage.VERSION)
@Kind(ZfsDiskImage.KIND)
@Plural(ZfsDiskImage.PLURAL)
@ShortNames("zdi")
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Phase",
    jsonPath = ".status.phase",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Step",
    jsonPath = ".status.steps[-1:].name",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Format",
    jsonPath = ".spec.output.format",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Size",
    jsonPath = ".spec.root.size",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public final class ZfsDiskImage extends CustomResource<ZfsDiskImageSpec, ZfsDiskImageStatus>
    implements Namespaced {
  public static final String GROUP = "zfsdiskimage.dev";
  public static final String VERSION = "v1alpha1";
  public static final String KIND = "ZfsDiskImage";
  public static final String PLURAL = "zfsdiskimages";

  /** What a resource may be called: a DNS label, so that it can stand in labels and host names. */
  public static final String NAME_PATTERN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

  /**
   * Characters of a resource's name at most: with a revision, an attempt and a disk behind it, it
   * still fits in a label of 63.
   */
  public static final int NAME_LENGTH = 40;

  private static final long serialVersionUID = 1;

  @Override
  protected ZfsDiskImageSpec initSpec() {
    return null;
  }

  @Override
  protected ZfsDiskImageStatus initStatus() {
    return null;
  }
}
