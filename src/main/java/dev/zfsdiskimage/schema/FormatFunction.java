package dev.zfsdiskimage.schema;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerLibrary;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeLibrary;
import java.util.List;

/**
 * {@code format} of CEL's strings extension, which API servers have since Kubernetes 1.30 and
 * cel-java 0.11 has not; of its verbs only {@code %s} with text. Joining texts of unknown length
 * with {@code +} or {@code join} is no way round it: an API server then estimates more work than it
 * allows, and refuses the CRD.
 */
final class FormatFunction implements CelCompilerLibrary, CelRuntimeLibrary {
  static final FormatFunction LIBRARY = new FormatFunction();

  private static final String OVERLOAD = "string_format";

  private FormatFunction() {}

  @Override
  public void setCheckerOptions(CelCheckerBuilder checker) {
    checker.addFunctionDeclarations(
        CelFunctionDecl.newFunctionDeclaration(
            "format",
            CelOverloadDecl.newMemberOverload(
                OVERLOAD,
                SimpleType.STRING,
                SimpleType.STRING,
                ListType.create(SimpleType.STRING))));
  }

  @Override
  public void setRuntimeOptions(CelRuntimeBuilder runtime) {
    runtime.addFunctionBindings(
        CelFunctionBinding.from(OVERLOAD, String.class, List.class, FormatFunction::format));
  }

  private static Object format(String text, List<?> values) {
    return String.format(text, values.toArray());
  }
}
