package dev.zfsdiskimage.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.Optional;

/** Why a condition has its status: one word for programs, with a remedy for people. */
public enum Reason {
  @JsonProperty("Waiting")
  WAITING("Waiting", Handling.NORMAL, ""),
  @JsonProperty("InProgress")
  IN_PROGRESS("InProgress", Handling.NORMAL, ""),
  @JsonProperty("Succeeded")
  SUCCEEDED("Succeeded", Handling.NORMAL, ""),
  @JsonProperty("Suspended")
  SUSPENDED("Suspended", Handling.NORMAL, "set spec.suspend to false to go on"),
  @JsonProperty("Retrying")
  RETRYING("Retrying", Handling.NORMAL, ""),

  @JsonProperty("QuotaExceeded")
  QUOTA_EXCEEDED(
      "QuotaExceeded",
      Handling.WAITING,
      "raise the namespace's quota, or lower spec.builder.memory or the disk sizes"),
  @JsonProperty("Unschedulable")
  UNSCHEDULABLE(
      "Unschedulable", Handling.WAITING, "free a node that can run VMs, or change spec.builder"),
  @JsonProperty("PodSecurityDenied")
  POD_SECURITY_DENIED(
      "PodSecurityDenied",
      Handling.WAITING,
      "label the namespace pod-security.kubernetes.io/enforce=baseline: KubeVirt's launcher needs it"),
  @JsonProperty("BuilderImagePull")
  BUILDER_IMAGE_PULL(
      "BuilderImagePull", Handling.WAITING, "check spec.builder.image and the pull secrets"),
  @JsonProperty("VolumeAttach")
  VOLUME_ATTACH(
      "VolumeAttach", Handling.WAITING, "see the events of the builder's pod and of its claims"),
  @JsonProperty("NameTaken")
  NAME_TAKEN(
      "NameTaken",
      Handling.WAITING,
      "delete the object that the message names, if nobody needs it, or give the resource another name"),
  @JsonProperty("PvcNotFound")
  PVC_NOT_FOUND("PvcNotFound", Handling.WAITING, "create the claim that the message names"),
  @JsonProperty("RequestRefused")
  REQUEST_REFUSED(
      "RequestRefused",
      Handling.WAITING,
      "see which policy, webhook or right of the operator's role the API server's words name"),

  @JsonProperty("Evicted")
  EVICTED(
      "Evicted", Handling.RETRIED, "the node was drained or short of memory; it is tried again"),
  @JsonProperty("NodeLost")
  NODE_LOST("NodeLost", Handling.RETRIED, "the node went away; it is tried again elsewhere"),
  @JsonProperty("GuestPanicked")
  GUEST_PANICKED(
      "GuestPanicked",
      Handling.RETRIED,
      "the builder's kernel panicked; if it happens each time, read the console and try another machine or CPU model"),
  @JsonProperty("GuestSilent")
  GUEST_SILENT(
      "GuestSilent",
      Handling.RETRIED,
      "the builder VM said nothing in time; if it happens each time, raise spec.builder.timeouts.start"),
  @JsonProperty("GuestStoppedEarly")
  GUEST_STOPPED_EARLY(
      "GuestStoppedEarly",
      Handling.RETRIED,
      "the builder VM stopped before it was done; the console's last lines say where"),
  @JsonProperty("VmStartFailed")
  VM_START_FAILED(
      "VmStartFailed", Handling.RETRIED, "the message says what the hypervisor refused"),
  @JsonProperty("VmKilled")
  VM_KILLED(
      "VmKilled",
      Handling.RETRIED,
      "the VM's process was killed from outside; is the host short of memory?"),
  @JsonProperty("DiskIOError")
  DISK_IO_ERROR(
      "DiskIOError", Handling.RETRIED, "the storage under the builder's disks failed or is full"),

  @JsonProperty("InvalidSpec")
  INVALID_SPEC("InvalidSpec", Handling.PERMANENT, "correct the fields that the message names"),
  @JsonProperty("ReferenceNotFound")
  REFERENCE_NOT_FOUND(
      "ReferenceNotFound",
      Handling.PERMANENT,
      "create the ConfigMap, Secret or file that the message names"),
  @JsonProperty("RecordUnreadable")
  RECORD_UNREADABLE(
      "RecordUnreadable",
      Handling.PERMANENT,
      "run the operator's version that wrote the ConfigMap, or delete it: finished images are known by their claims"),
  @JsonProperty("PayloadInvalid")
  PAYLOAD_INVALID(
      "PayloadInvalid",
      Handling.PERMANENT,
      "check the payload's address, its sha256 and that it is a tar, tar.zst, squashfs or erofs"),
  @JsonProperty("PayloadUnavailable")
  PAYLOAD_UNAVAILABLE(
      "PayloadUnavailable",
      Handling.RETRIED,
      "the payload's server did not answer; it is tried again"),
  @JsonProperty("ScriptFailed")
  SCRIPT_FAILED(
      "ScriptFailed", Handling.PERMANENT, "the console's last lines show what your script said"),
  @JsonProperty("StepFailed")
  STEP_FAILED(
      "StepFailed", Handling.PERMANENT, "the console's last lines show the command that failed"),
  @JsonProperty("RootDiskFull")
  ROOT_DISK_FULL("RootDiskFull", Handling.PERMANENT, "raise spec.root.size"),
  @JsonProperty("BootDiskFull")
  BOOT_DISK_FULL("BootDiskFull", Handling.PERMANENT, "raise spec.boot.size"),
  @JsonProperty("GuestOutOfMemory")
  GUEST_OUT_OF_MEMORY("GuestOutOfMemory", Handling.PERMANENT, "raise spec.builder.memory"),
  @JsonProperty("DiskNotBlank")
  DISK_NOT_BLANK(
      "DiskNotBlank",
      Handling.RETRIED,
      "the builder VM was started twice on the same disks; it is tried again on blank ones"),
  @JsonProperty("DiskSizeWrong")
  DISK_SIZE_WRONG(
      "DiskSizeWrong",
      Handling.PERMANENT,
      "the storage did not give the size asked for; choose a size that it can give exactly"),
  @JsonProperty("DiskMissing")
  DISK_MISSING("DiskMissing", Handling.RETRIED, "the builder VM did not see one of its disks"),
  @JsonProperty("BuildDeadlineExceeded")
  BUILD_DEADLINE_EXCEEDED(
      "BuildDeadlineExceeded", Handling.PERMANENT, "raise spec.builder.timeouts.build"),
  @JsonProperty("SaveDeadlineExceeded")
  SAVE_DEADLINE_EXCEEDED(
      "SaveDeadlineExceeded", Handling.PERMANENT, "raise spec.builder.timeouts.save"),
  @JsonProperty("CheckFailed")
  CHECK_FAILED(
      "CheckFailed",
      Handling.PERMANENT,
      "the finished disks are not as the resource asks; the message says where they differ"),
  @JsonProperty("SaveFailed")
  SAVE_FAILED("SaveFailed", Handling.PERMANENT, "the message says which step of saving failed"),
  @JsonProperty("PostBuildFailed")
  POST_BUILD_FAILED(
      "PostBuildFailed", Handling.PERMANENT, "the log shows what your postBuild script said"),
  @JsonProperty("BootFailed")
  BOOT_FAILED(
      "BootFailed",
      Handling.PERMANENT,
      "the image did not say spec.verify.boot.expect in time; the boot's console is in the log"),
  @JsonProperty("GrowFailed")
  GROW_FAILED(
      "GrowFailed",
      Handling.PERMANENT,
      "the pool did not grow with its disk; the installed system must run 'zpool online -e' at boot"),
  @JsonProperty("HostDiskFull")
  HOST_DISK_FULL("HostDiskFull", Handling.PERMANENT, "free space where the images are written"),
  @JsonProperty("CleanupBlocked")
  CLEANUP_BLOCKED(
      "CleanupBlocked",
      Handling.WAITING,
      "see the finalizers of the object that the message names"),
  @JsonProperty("ImageLost")
  IMAGE_LOST("ImageLost", Handling.RETRIED, "an image that was saved is gone; it is built again"),
  @JsonProperty("Cancelled")
  CANCELLED("Cancelled", Handling.PERMANENT, "start the build again when you want it");

  /** What follows from a reason. */
  public enum Handling {
    /** No failure. */
    NORMAL,
    /** Nothing is torn down; it goes on by itself when the cause is gone. */
    WAITING,
    /** The attempt is given up and a new one is made, up to {@code builder.retries} times. */
    RETRIED,
    /** Trying again without a change would fail again. */
    PERMANENT
  }

  private final String word;
  private final Handling handling;
  private final String remedy;

  Reason(String word, Handling handling, String remedy) {
    this.word = word;
    this.handling = handling;
    this.remedy = remedy;
  }

  /** The reason as it stands in status and in console messages. */
  public String word() {
    return word;
  }

  /** What follows from it. */
  public Handling handling() {
    return handling;
  }

  /** What a person can do about it; empty when nothing needs doing. */
  public String remedy() {
    return remedy;
  }

  /** The reason called {@code word}, or empty when there is none. */
  public static Optional<Reason> of(String word) {
    return Arrays.stream(values()).filter(reason -> reason.word.equals(word)).findFirst();
  }
}
