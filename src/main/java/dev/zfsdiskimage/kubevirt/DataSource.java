package dev.zfsdiskimage.kubevirt;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** CDI's stable name for the newest image of something; VMs are made from it. */
@Group("cdi.kubevirt.io")
@Version("v1beta1")
@Kind("DataSource")
@Plural("datasources")
public final class DataSource extends CustomResource<DataSource.Spec, DataSource.Status>
    implements Namespaced {
  private static final long serialVersionUID = 1;

  /** Where it points. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Spec(Source source) {}

  /** A PersistentVolumeClaim. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Source(Claim pvc) {}

  /** A PersistentVolumeClaim by name. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Claim(String namespace, String name) {}

  /** Nothing of it is read. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Status() {}

  @Override
  protected Spec initSpec() {
    return null;
  }

  @Override
  protected Status initStatus() {
    return null;
  }
}
