package dev.zfsdiskimage.recipe;

import dev.zfsdiskimage.api.KeyReference;
import dev.zfsdiskimage.api.PayloadSpec;
import dev.zfsdiskimage.api.ScriptSpec;
import dev.zfsdiskimage.schema.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The disks that a build gets besides its own: each payload and each Secret once. */
final class Attachments {
  private final References references;
  private final Place place;
  private final Problems problems;
  private final List<Recipe.Payload> payloads = new ArrayList<>();
  private final List<String> secrets = new ArrayList<>();
  private final SortedMap<String, SortedSet<String>> secretKeys = new TreeMap<>();

  Attachments(References references, Place place, Problems problems) {
    this.references = references;
    this.place = place;
    this.problems = problems;
  }

  List<Recipe.Payload> payloads() {
    return List.copyOf(payloads);
  }

  List<String> secrets() {
    return List.copyOf(secrets);
  }

  /** Names of the Secrets with the keys that are used of them. */
  SortedMap<String, SortedSet<String>> secretKeys() {
    return secretKeys;
  }

  /** The number of {@code payload}, which is attached if it is not yet. */
  int attach(Recipe.Payload payload) {
    if (!payloads.contains(payload)) {
      payloads.add(payload);
    }
    return payloads.indexOf(payload);
  }

  /** The number of the payload that {@code spec} describes; -1 when something is wrong with it. */
  int payload(FieldPath at, PayloadSpec spec) {
    List<Recipe.Payload> given = new ArrayList<>();
    if (spec != null && spec.image() != null) {
      given.add(new Recipe.Payload.OciImage(spec.image()));
    }
    if (spec != null && spec.volumeClaim() != null) {
      given.add(volumeClaim(at.field("volumeClaim"), spec.volumeClaim()));
    }
    if (spec != null && spec.http() != null) {
      given.add(http(at.field("http"), spec.http()));
    }
    if (spec != null && spec.path() != null) {
      given.add(path(at, spec));
    }
    if (given.size() != 1) {
      problems.add(
          at.text(),
          null,
          "needs exactly one of image, volumeClaim, http, path; it has " + given.size(),
          "keep one of them");
      return -1;
    }
    if (spec.sha256() != null && spec.path() == null) {
      problems.add(
          at.field("sha256").text(), null, "goes with path only", "for http it is http.sha256");
    }
    return attach(given.get(0));
  }

  /** As {@link #payload}, for a disk that holds store paths. */
  int closure(FieldPath at, PayloadSpec spec) {
    int index = payload(at, spec);
    if (index >= 0 && payloads.get(index) instanceof Recipe.Payload.Path path) {
      payloads.set(index, new Recipe.Payload.NixClosure(path.path(), path.sha256()));
    }
    return index;
  }

  /** The bytes of {@code reference}, a ConfigMap's key. */
  Recipe.Source configMap(FieldPath at, KeyReference reference) {
    if (incomplete(at, reference)) {
      return new Recipe.Source.Inline(Bytes.of(""));
    }
    Map<String, Bytes> data = references.configMaps().get(reference.name());
    if (data == null) {
      problems.notFound(
          at.field("name").text(),
          reference.name(),
          "there is no ConfigMap of this name",
          whereToAdd());
      return new Recipe.Source.Inline(Bytes.of(""));
    }
    Bytes bytes = data.get(reference.key());
    if (bytes == null) {
      problems.notFound(
          at.field("key").text(),
          reference.key(),
          missingKey("ConfigMap", reference.name(), data.keySet()),
          "correct the key or add it");
      return new Recipe.Source.Inline(Bytes.of(""));
    }
    return new Recipe.Source.Inline(bytes);
  }

  /** {@code reference} as a key of a Secret's disk. */
  Recipe.Source secret(FieldPath at, KeyReference reference) {
    if (incomplete(at, reference)) {
      return new Recipe.Source.Inline(Bytes.of(""));
    }
    Optional<Set<String>> keys = references.secretKeys(reference.name());
    boolean known = place == Place.ONE_MACHINE || references.secretDigests().isPresent();
    if (keys.isEmpty() && known) {
      problems.notFound(
          at.field("name").text(),
          reference.name(),
          "there is no Secret of this name",
          whereToAdd());
    } else if (keys.isPresent() && !keys.get().contains(reference.key())) {
      problems.notFound(
          at.field("key").text(),
          reference.key(),
          missingKey("Secret", reference.name(), keys.get()),
          "correct the key or add it");
    }
    if (!secrets.contains(reference.name())) {
      secrets.add(reference.name());
    }
    secretKeys.computeIfAbsent(reference.name(), name -> new TreeSet<>()).add(reference.key());
    return new Recipe.Source.Secret(secrets.indexOf(reference.name()), reference.key());
  }

  /** The text of {@code spec}. */
  Recipe.Source script(FieldPath at, ScriptSpec spec) {
    List<Recipe.Source> given = new ArrayList<>();
    if (spec != null && spec.inline() != null) {
      given.add(new Recipe.Source.Inline(Bytes.of(spec.inline())));
    }
    if (spec != null && spec.configMapKeyRef() != null) {
      given.add(configMap(at.field("configMapKeyRef"), spec.configMapKeyRef()));
    }
    if (spec != null && spec.path() != null) {
      given.add(file(at.field("path"), spec.path()));
    }
    if (given.size() != 1) {
      problems.add(
          at.text(),
          null,
          "needs exactly one of inline, configMapKeyRef, path; it has " + given.size(),
          "keep one of them");
      return new Recipe.Source.Inline(Bytes.of(""));
    }
    return given.get(0);
  }

  private boolean incomplete(FieldPath at, KeyReference reference) {
    if (reference.name() == null) {
      problems.add(at.field("name").text(), null, "is missing", "name the object");
    }
    if (reference.key() == null) {
      problems.add(at.field("key").text(), null, "is missing", "name the key in its data");
    }
    return reference.name() == null || reference.key() == null;
  }

  private Recipe.Source file(FieldPath at, String path) {
    if (place == Place.CLUSTER) {
      problems.add(
          at.text(),
          path,
          "is a file of one machine, which a cluster can't see",
          "put the script into a ConfigMap and use configMapKeyRef");
    } else if (!references.files().containsKey(path)) {
      problems.notFound(
          at.text(),
          path,
          "there is no readable file there",
          "correct the path: it is relative to the resource's own file");
    } else {
      return new Recipe.Source.Inline(references.files().get(path));
    }
    return new Recipe.Source.Inline(Bytes.of(""));
  }

  private Recipe.Payload volumeClaim(FieldPath at, PayloadSpec.VolumeClaim spec) {
    if (place == Place.ONE_MACHINE) {
      problems.add(
          at.text(),
          spec.claimName(),
          "is a claim, which one machine does not have",
          "use path or http");
    }
    String path = spec.path() == null ? "" : spec.path();
    if (spec.claimName() == null) {
      problems.add(at.field("claimName").text(), null, "is missing", "name the claim");
    }
    relative(at.field("path"), path);
    return new Recipe.Payload.VolumeClaim(spec.claimName(), path);
  }

  private Recipe.Payload http(FieldPath at, PayloadSpec.Http spec) {
    String url = spec.url() == null ? "" : spec.url();
    String sha256 = spec.sha256() == null ? "" : spec.sha256();
    if (!url.matches("https?://[^\\s/]+[^\\s]*")) {
      problems.add(
          at.field("url").text(), url, "is no web address", "begin it with http:// or https://");
    }
    sha256(at.field("sha256"), sha256);
    return new Recipe.Payload.Http(url, sha256);
  }

  private Recipe.Payload path(FieldPath at, PayloadSpec spec) {
    if (place == Place.CLUSTER) {
      problems.add(
          at.field("path").text(),
          spec.path(),
          "is a file of one machine, which a cluster can't see",
          "use image, volumeClaim or http");
    }
    if (spec.sha256() != null) {
      sha256(at.field("sha256"), spec.sha256());
    }
    return new Recipe.Payload.Path(spec.path(), Optional.ofNullable(spec.sha256()));
  }

  private void sha256(FieldPath at, String digits) {
    if (!digits.matches("[0-9a-f]{64}")) {
      problems.add(
          at.text(),
          digits,
          "is no SHA-256",
          "write the 64 lower-case hexadecimal digits that sha256sum prints");
    }
  }

  /** Says what is wrong with a path inside a payload or a volume. */
  void relative(FieldPath at, String path) {
    boolean climbs = List.of(path.split("/", -1)).contains("..");
    if (path.isEmpty() || path.startsWith("/") || path.endsWith("/") || climbs) {
      problems.add(
          at.text(),
          path,
          "is no path inside of it",
          "write it without a slash at its ends and without ..");
    }
  }

  private String whereToAdd() {
    return place == Place.ONE_MACHINE
        ? "add it to the same file, as a document of its own"
        : "create it in the resource's namespace";
  }

  private static String missingKey(String kind, String name, Set<String> keys) {
    return kind
        + " "
        + name
        + " has no such key; it has "
        + (keys.isEmpty() ? "none" : String.join(", ", new TreeSet<>(keys)));
  }
}
