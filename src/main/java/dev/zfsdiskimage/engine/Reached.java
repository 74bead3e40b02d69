package dev.zfsdiskimage.engine;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.recipe.Recipe;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Which step conditions apply to a recipe, and which of them the current attempt has reached. */
final class Reached {
  private Reached() {}

  /** The step conditions of a build, in order. */
  static List<ConditionType> all(Recipe recipe) {
    List<ConditionType> types =
        new ArrayList<>(
            List.of(
                ConditionType.DISKS_PROVISIONED,
                ConditionType.PARTITIONED,
                ConditionType.POOL_CREATED,
                ConditionType.INSTALLED,
                ConditionType.EXPORTED,
                ConditionType.SAVED));
    if (verifies(recipe)) {
      types.add(ConditionType.VERIFIED);
    }
    return types;
  }

  /** Those that the observed attempt has reached. */
  static Set<ConditionType> by(Recipe recipe, Observed observed) {
    Set<ConditionType> reached = EnumSet.noneOf(ConditionType.class);
    if (observed.disks() instanceof Work.Done || !(observed.vm() instanceof Vm.Absent)) {
      reached.add(ConditionType.DISKS_PROVISIONED);
    }
    reached.addAll(observed.progress().done());
    if (observed.save() instanceof Work.Done) {
      // Nothing is saved before the check has seen all of these on the disks themselves.
      reached.addAll(
          List.of(
              ConditionType.PARTITIONED,
              ConditionType.POOL_CREATED,
              ConditionType.INSTALLED,
              ConditionType.EXPORTED,
              ConditionType.SAVED));
      if (verifies(recipe) && verified(recipe, observed)) {
        reached.add(ConditionType.VERIFIED);
      }
    }
    return reached;
  }

  private static boolean verifies(Recipe recipe) {
    return recipe.verify().boot().isPresent() || recipe.verify().grow().isPresent();
  }

  private static boolean verified(Recipe recipe, Observed observed) {
    List<Firmware> firmware = recipe.verify().boot().map(Recipe.Boot::firmware).orElse(List.of());
    return firmware.stream().allMatch(one -> observed.boot(one) instanceof Work.Done)
        && (recipe.verify().grow().isEmpty() || observed.grow() instanceof Work.Done);
  }
}
