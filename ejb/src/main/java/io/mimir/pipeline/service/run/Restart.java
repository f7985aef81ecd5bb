package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.StepStatus;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Goes on from a step of a run that has ended, as a new run. What the steps before it gave, and
 * those beside it in other ways and items, is taken over; the step itself, what is in it, and all
 * that comes after it is done again.
 */
public final class Restart {

  private Restart() {}

  /** Returns the path of the innermost step that failed first; null when none did. */
  public static String firstFailed(RunState state) {
    String found = null;
    for (StepState step : state.steps()) {
      boolean stopped =
          step.status() == StepStatus.FAILED && step.failure().path("next").asText().equals("stop")
              || step.status() == StepStatus.RUNNING
              || step.status() == StepStatus.RETRYING;
      if (stopped && (found == null || step.path().startsWith(found + "."))) {
        found = step.path();
      }
    }
    return found;
  }

  /** Tells whether a definition has the step of a path of a run. */
  public static boolean isIn(Definition definition, String path) {
    return after(definition.steps(), "", path, new HashSet<>());
  }

  /**
   * Returns what is taken over.
   *
   * @param from the path of the step to go on from
   * @param old the run that has ended
   * @param fresh the new one: files are copied for it
   */
  public static List<RunStore.TakenOver> takenOver(
      RunState state,
      Definition definition,
      String from,
      String old,
      String fresh,
      ValueStore values) {
    Set<String> later = new HashSet<>();
    after(definition.steps(), "", from, later);
    List<RunStore.TakenOver> taken = new ArrayList<>();
    for (StepState step : state.steps()) {
      if (step.status() == StepStatus.SUCCEEDED && isKept(step.path(), from, later)) {
        ObjectNode data =
            RunJson.object().put("from", step.takenOverFrom() == null ? old : step.takenOverFrom());
        if (step.input() != null) {
          data.set("input", values.copied(old, fresh, step.input()).toJson());
        }
        Value result = step.result() == null ? Frame.NOTHING : step.result();
        data.set("result", values.copied(old, fresh, result).toJson());
        taken.add(new RunStore.TakenOver(step.path(), data));
      }
    }
    return taken;
  }

  private static boolean isKept(String path, String from, Set<String> later) {
    if (path.equals(from) || isWithin(path, from) || isWithin(from, path)) {
      return false;
    }
    return later.stream().noneMatch(one -> path.equals(one) || isWithin(path, one));
  }

  private static boolean isWithin(String path, String outer) {
    return path.startsWith(outer + ".");
  }

  /**
   * Finds a step, and collects the paths of those that come after it: in its list, and in the lists
   * around it.
   *
   * @return whether the step is in this list or deeper
   */
  private static boolean after(List<Step> steps, String prefix, String path, Set<String> later) {
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      String own = prefix + step.name();
      boolean here = own.equals(path) || isWithin(path, own) && inside(step, own, path, later);
      if (here) {
        for (Step next : steps.subList(i + 1, steps.size())) {
          later.add(prefix + next.name());
        }
        return true;
      }
    }
    return false;
  }

  private static boolean inside(Step step, String own, String path, Set<String> later) {
    if (step.work() instanceof Step.Branch branch) {
      return after(branch.then(), own + ".then.", path, later)
          || after(branch.otherwise(), own + ".else.", path, later);
    }
    if (step.work() instanceof Step.Parallel parallel) {
      return parallel.ways().entrySet().stream()
          .anyMatch(way -> after(way.getValue(), own + "." + way.getKey() + ".", path, later));
    }
    if (step.work() instanceof Step.Each each) {
      String rest = path.substring(own.length() + 1);
      int dot = rest.indexOf('.');
      String item = dot < 0 ? rest : rest.substring(0, dot);
      return after(each.steps(), own + "." + item + ".", path, later);
    }
    // Steps of another pipeline are taken as a whole.
    return step.work() instanceof Step.Nested;
  }
}
