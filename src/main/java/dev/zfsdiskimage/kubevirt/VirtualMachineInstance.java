package dev.zfsdiskimage.kubevirt;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** One run of a virtual machine: created, runs once, stays until it is deleted. */
@Group("kubevirt.io")
@Version("v1")
@Kind("VirtualMachineInstance")
@Plural("virtualmachineinstances")
public final class VirtualMachineInstance
    extends CustomResource<VirtualMachineInstanceSpec, VirtualMachineInstanceStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1;

  @Override
  protected VirtualMachineInstanceSpec initSpec() {
    return null;
  }

  @Override
  protected VirtualMachineInstanceStatus initStatus() {
    return null;
  }
}
