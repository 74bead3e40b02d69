package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.recipe.Recipe;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One recipe of one resource, with a {@code rebuild} token: what is built once and then stands.
 *
 * @param uid the resource's
 * @param id 10 hexadecimal digits
 */
record Revision(String namespace, String image, String uid, String id) {

  /** The revision that the resource asks for. */
  static Revision of(ZfsDiskImage resource, Recipe recipe) {
    String rebuild = resource.getSpec().rebuild();
    boolean again = rebuild != null && !rebuild.isEmpty();
    return new Revision(
        resource.getMetadata().getNamespace(),
        resource.getMetadata().getName(),
        resource.getMetadata().getUid(),
        again ? digest(recipe.hash() + "\n" + rebuild).substring(0, 10) : recipe.hash());
  }

  Attempt attempt(int number) {
    return new Attempt(this, number);
  }

  /**
   * What the names of its objects begin with. It differs between two resources that had one name,
   * one after the other: what the first has left is not in the way of the second.
   */
  String prefix() {
    return image + "-" + digest(uid + "\n" + id).substring(0, 10);
  }

  /** The ConfigMap that remembers what must not be forgotten. */
  ObjectMeta ledger() {
    return metadata(prefix() + "-" + Part.LEDGER.word(), Part.LEDGER).build();
  }

  ObjectMetaBuilder metadata(String name, Part part) {
    return new ObjectMetaBuilder()
        .withNamespace(namespace)
        .withName(name)
        .withLabels(labels(part))
        .withOwnerReferences(owner());
  }

  OwnerReference owner() {
    return owner(image, uid);
  }

  /** The resource as the owner of its objects. */
  static OwnerReference owner(ZfsDiskImage resource) {
    return owner(resource.getMetadata().getName(), resource.getMetadata().getUid());
  }

  private static OwnerReference owner(String name, String uid) {
    return new OwnerReferenceBuilder()
        .withApiVersion(ZfsDiskImage.GROUP + "/" + ZfsDiskImage.VERSION)
        .withKind(ZfsDiskImage.KIND)
        .withName(name)
        .withUid(uid)
        .withController(true)
        .withBlockOwnerDeletion(false)
        .build();
  }

  Map<String, String> labels(Part part) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(Labels.MANAGED_BY, Labels.OPERATOR);
    labels.put(Labels.IMAGE, image);
    if (uid != null) {
      // Nobody has one where objects are only shown.
      labels.put(Labels.RESOURCE_UID, uid);
    }
    labels.put(Labels.REVISION, id);
    labels.put(Labels.PART, part.word());
    return labels;
  }

  /** SHA-256 in hexadecimal. */
  static String digest(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
