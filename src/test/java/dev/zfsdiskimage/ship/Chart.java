package dev.zfsdiskimage.ship;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.nio.file.Path;
import java.util.List;

/** The shipped chart, rendered by Helm itself. */
final class Chart {
  static final Path FOLDER = Path.of("helm/zfs-disk-image-operator");
  static final String RELEASE = "zfs-disk-image-operator";
  static final String NAMESPACE = "zfs-disk-image-operator";

  private static final String KUBERNETES = "1.36.0";
  private static final Helm HELM = new Helm(FOLDER);

  static {
    ChartFiles.refreshIfAsked();
  }

  private Chart() {}

  /** What Helm would send to the API server, as text. */
  static String text(Path... values) {
    return textIn(NAMESPACE, values);
  }

  private static String textIn(String namespace, Path... values) {
    TemplateCommand template =
        HELM.template().withName(RELEASE).withNamespace(namespace).withKubeVersion(KUBERNETES);
    for (Path file : values) {
      template.withValuesFile(file);
    }
    return template.call();
  }

  /** What Helm would send to the API server, object by object. */
  static List<ObjectNode> objects(Path... values) {
    return objectsIn(NAMESPACE, values);
  }

  /** What Helm would send for a release in {@code namespace}. */
  static List<ObjectNode> objectsIn(String namespace, Path... values) {
    return YamlFiles.documents(textIn(namespace, values));
  }

  /** What Helm says after an installation. */
  static String notes(Path values) {
    InstallCommand install =
        HELM.install()
            .withName(RELEASE)
            .withNamespace(NAMESPACE)
            .withKubeVersion(KUBERNETES)
            .withValuesFile(values)
            .clientOnly()
            .dryRun();
    String output = install.call().getOutput();
    String mark = "NOTES:\n";
    int start = output.indexOf(mark);
    if (start < 0) {
      throw new AssertionError("Helm printed no notes:\n" + output);
    }
    return output.substring(start + mark.length());
  }

  static LintResult lint() {
    return HELM.lint().strict().call();
  }
}
