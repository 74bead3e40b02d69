package dev.zfsdiskimage.kubevirt;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** Offers a volume for download from outside the cluster. */
@Group("export.kubevirt.io")
@Version("v1beta1")
@Kind("VirtualMachineExport")
@Plural("virtualmachineexports")
public final class VirtualMachineExport
    extends CustomResource<VirtualMachineExport.Spec, VirtualMachineExport.Status>
    implements Namespaced {
  private static final long serialVersionUID = 1;

  /**
   * What is offered.
   *
   * @param ttlDuration how long, such as {@code 2h}; null is KubeVirt's default
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Spec(Source source, String ttlDuration) {}

  /** An object by name; a PersistentVolumeClaim has the empty API group. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Source(String apiGroup, String kind, String name) {}

  /** Its phase: Pending, Ready, Terminated or Skipped. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Status(String phase) {}

  @Override
  protected Spec initSpec() {
    return null;
  }

  @Override
  protected Status initStatus() {
    return null;
  }
}
