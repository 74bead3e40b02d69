package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The mark on claims that hold finished images: which images of whom. It is set before the record
 * says so, and for good. A claim that bears it is never a build's disk, and a record that was lost
 * is found again in it.
 */
final class ImageMarks {
  private static final String ANNOTATION = "zfsdiskimage.dev/finished-image";

  /** An API server takes 256 KiB of annotations in all (Kubernetes, "Annotations"). */
  private static final int MOST_CHARACTERS = 128 * 1024;

  private ImageMarks() {}

  /**
   * What the mark says.
   *
   * @param resource the uid of the resource that built them
   */
  record Mark(String resource, String revision, Ledger.Published published) {}

  static boolean isMarked(PersistentVolumeClaim claim) {
    return claim.getMetadata().getAnnotations() != null
        && claim.getMetadata().getAnnotations().containsKey(ANNOTATION);
  }

  /** Whether the mark tells of images; one that somebody has changed may tell of none. */
  static boolean isReadable(PersistentVolumeClaim claim) {
    return mark(claim).isPresent();
  }

  /** The metadata with the mark, and with the document that tells of the images. */
  static ObjectMeta marked(
      ObjectMeta known, Revision revision, Ledger.Published published, String manifest) {
    Mark mark = new Mark(revision.uid(), revision.id(), published);
    ObjectMetaBuilder marked =
        new ObjectMetaBuilder(known).addToAnnotations(ANNOTATION, RecordJson.write(mark));
    if (manifest.length() <= MOST_CHARACTERS) {
      marked.addToAnnotations(Manifests.ANNOTATION, manifest);
    }
    return marked.build();
  }

  /** What marks say of a resource's images; a copy of a marked claim says nothing. */
  static Stream<Mark> marks(View view, String resource) {
    return view.images().stream()
        .flatMap(
            claim ->
                mark(claim).stream()
                    .filter(mark -> resource.equals(mark.resource()))
                    .filter(mark -> tellsOf(mark, claim)))
        .filter(mark -> view.has(mark.published()));
  }

  /** The document that a claim of these images carries. */
  static Optional<String> manifest(View view, Ledger.Published published) {
    return published.claims().stream()
        .flatMap(image -> view.image(image).stream())
        .map(claim -> claim.getMetadata().getAnnotations().get(Manifests.ANNOTATION))
        .filter(Objects::nonNull)
        .findFirst();
  }

  private static Optional<Mark> mark(PersistentVolumeClaim claim) {
    return RecordJson.read(claim.getMetadata().getAnnotations().get(ANNOTATION), Mark.class)
        .filter(mark -> mark.revision() != null && mark.published() != null)
        .filter(mark -> mark.published().isWhole());
  }

  private static boolean tellsOf(Mark mark, PersistentVolumeClaim claim) {
    return mark.published().claims().stream()
        .anyMatch(image -> image.uid().equals(claim.getMetadata().getUid()));
  }
}
