package dev.zfsdiskimage;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.time.Clock;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A room imports from the rooms below it only, and the pure ones touch nothing outside. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("/test-classes/"))
          .importPackages("dev.zfsdiskimage");

  private static final String[] PURE = {
    "dev.zfsdiskimage.api..",
    "dev.zfsdiskimage.schema..",
    "dev.zfsdiskimage.recipe..",
    "dev.zfsdiskimage.guest..",
    "dev.zfsdiskimage.engine..",
    "dev.zfsdiskimage.manifest.."
  };

  @Test
  void roomsImportOnlyFromRoomsBelow() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.zfsdiskimage..")
        .withOptionalLayers(true)
        .layer("api")
        .definedBy("dev.zfsdiskimage.api..")
        .layer("schema")
        .definedBy("dev.zfsdiskimage.schema..")
        .layer("kubevirt")
        .definedBy("dev.zfsdiskimage.kubevirt..")
        .layer("recipe")
        .definedBy("dev.zfsdiskimage.recipe..")
        .layer("guest")
        .definedBy("dev.zfsdiskimage.guest..")
        .layer("engine")
        .definedBy("dev.zfsdiskimage.engine..")
        .layer("manifest")
        .definedBy("dev.zfsdiskimage.manifest..")
        .layer("metrics")
        .definedBy("dev.zfsdiskimage.metrics..")
        .layer("local")
        .definedBy("dev.zfsdiskimage.local..")
        .layer("images")
        .definedBy("dev.zfsdiskimage.images..")
        .layer("kubernetes")
        .definedBy("dev.zfsdiskimage.kubernetes..")
        .layer("cli")
        .definedBy("dev.zfsdiskimage.cli..")
        .whereLayer("api")
        .mayNotAccessAnyLayer()
        .whereLayer("schema")
        .mayOnlyAccessLayers("api")
        .whereLayer("kubevirt")
        .mayOnlyAccessLayers("api")
        .whereLayer("recipe")
        .mayOnlyAccessLayers("api", "schema")
        .whereLayer("guest")
        .mayOnlyAccessLayers("api", "recipe")
        .whereLayer("engine")
        .mayOnlyAccessLayers("api", "recipe", "guest")
        .whereLayer("manifest")
        .mayOnlyAccessLayers("api", "recipe", "guest", "engine")
        .whereLayer("metrics")
        .mayOnlyAccessLayers("api", "recipe", "guest", "engine")
        .whereLayer("local")
        .mayOnlyAccessLayers("api", "schema", "recipe", "guest", "engine", "manifest", "metrics")
        .whereLayer("images")
        .mayNotAccessAnyLayer()
        .whereLayer("kubernetes")
        .mayOnlyAccessLayers(
            "api", "schema", "kubevirt", "recipe", "guest", "engine", "manifest", "metrics")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .check(CLASSES);
  }

  @Test
  void pureRoomsTouchNoFilesProcessesOrNetworks() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "java.nio.file..", "java.net..", "javax.net..", "java.nio.channels..")
                .or(
                    oneOf(
                        "java.io.File",
                        "java.io.FileInputStream",
                        "java.io.FileOutputStream",
                        "java.io.FileReader",
                        "java.io.FileWriter",
                        "java.io.RandomAccessFile",
                        "java.lang.Process",
                        "java.lang.ProcessBuilder",
                        "java.lang.ProcessHandle",
                        "java.lang.Runtime",
                        "java.lang.Thread")))
        .check(CLASSES);
  }

  @Test
  void pureRoomsMakeNoKubernetesCalls() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.fabric8..")
                .and(
                    describe(
                        "are not the resource's base classes and annotations",
                        type ->
                            !type.getPackageName().startsWith("io.fabric8.kubernetes.api.model")
                                && !type.getPackageName()
                                    .startsWith("io.fabric8.kubernetes.model.annotation")
                                && !type.getPackageName().startsWith("io.fabric8.generator")
                                && !type.getPackageName().startsWith("io.fabric8.crd.generator")
                                && !type.getName()
                                    .equals("io.fabric8.kubernetes.client.CustomResource"))))
        .check(CLASSES);
  }

  @Test
  void pureRoomsHaveNoClock() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .callMethodWhere(
            describe(
                "it reads a clock",
                (JavaCall<?> call) ->
                    call.getTargetOwner().isAssignableTo(Clock.class)
                        || (call.getTargetOwner().getPackageName().equals("java.time")
                            && call.getName().equals("now"))
                        || (call.getTargetOwner().getName().equals("java.lang.System")
                            && Set.of("currentTimeMillis", "nanoTime", "getenv")
                                .contains(call.getName()))))
        .check(CLASSES);
  }

  @Test
  void onlyTheResourceKnowsKubernetes() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.zfsdiskimage.guest..", "dev.zfsdiskimage.engine..")
        .should()
        .dependOnClassesThat(resideInAnyPackage("io.fabric8..", "io.quarkus..", "com.fasterxml.."))
        .check(CLASSES);
  }

  private static DescribedPredicate<JavaClass> oneOf(String... names) {
    Set<String> set = Set.of(names);
    return describe("are one of " + set, type -> set.contains(type.getName()));
  }
}
