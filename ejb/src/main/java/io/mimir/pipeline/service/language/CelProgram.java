package io.mimir.pipeline.service.language;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One expression that was compiled: what it names, and the way to have its value. */
final class CelProgram {

  /** Characters of a text that a pattern is looked for in: each costs as much as the pattern. */
  private static final int MAX_SEARCHED_CHARS = 256 * 1024;

  private static final int MAX_PATTERN_CHARS = 1_000;

  private final CelRuntime.Program program;
  private final Set<Reference> references = new LinkedHashSet<>();
  private final Set<Long> keys = new HashSet<>();
  private final Map<Long, Integer> lengths = new HashMap<>();

  CelProgram(CelAbstractSyntaxTree tree) throws CelEvaluationException {
    program = CelEnvironment.runtime().createProgram(tree);
    visit(tree.getExpr(), Set.of());
  }

  /** The places of the context that it names, as far as the text tells them. */
  List<Reference> references() {
    return List.copyOf(references);
  }

  /**
   * Evaluates it for one scope.
   *
   * @return a value as CEL has it, parts of which may be views of the scope's JSON
   * @throws CelFault when it is too much
   */
  Object eval(Scope scope) throws CelEvaluationException {
    CelBudget budget = CelBudget.begin();
    try {
      Object value =
          program.trace(name -> variable(name, scope), (part, made) -> note(budget, part, made));
      budget.settle();
      return value;
    } finally {
      CelBudget.end();
    }
  }

  private static Optional<Object> variable(String name, Scope scope) {
    return switch (name) {
      case "input" -> Optional.of(CelValues.toCel(scope.input()));
      case "steps" -> Optional.of(new CelValues.StepsView(scope));
      case "run" -> Optional.of(CelValues.toCel(scope.run()));
      case "item" -> Optional.of(CelValues.toCel(inEach(name, scope).item()));
      case "index" -> Optional.of((long) inEach(name, scope).index());
      default -> Optional.empty();
    };
  }

  private static Scope inEach(String name, Scope scope) {
    if (scope.item() == null) {
      throw new CelFault("missing", "There is no " + name + " outside of an each.");
    }
    return scope;
  }

  /** Called for each part of the expression whenever it has a value. */
  private void note(CelBudget budget, CelExpr part, Object value) {
    budget.tick();
    if (part.getKind() == Kind.LIST && value instanceof List<?> list) {
      budget.elements(list.size() + 1L);
    } else if (part.getKind() == Kind.MAP && value instanceof Map<?, ?> map) {
      budget.elements(2L * map.size() + 1);
    } else if (part.getKind() == Kind.CALL && part.call().function().equals("string")) {
      budget.chars(value.toString().length());
    }
    if (keys.contains(part.id()) && !CelLists.isPlain(value)) {
      throw new CelFault("wrong_type", "A list or an object is no key. Keys are texts or numbers.");
    }
    Integer most = lengths.get(part.id());
    if (most != null && value instanceof String text && text.length() > most) {
      throw new CelFault(
          "too_large",
          "matches takes texts of at most 262,144 characters and patterns of at most 1,000.");
    }
  }

  private void visit(CelExpr part, Set<String> hidden) {
    Optional<List<String>> chain = chain(part, hidden);
    chain.map(Reference::new).ifPresent(references::add);
    switch (part.getKind()) {
      // What is before a dot is a part of the name that is noted already.
      case SELECT -> inner(part.select().operand(), hidden, chain.isPresent());
      case CALL -> call(part, hidden, chain.isPresent());
      case LIST -> part.list().elements().forEach(each -> visit(each, hidden));
      case MAP ->
          part.map()
              .entries()
              .forEach(
                  entry -> {
                    keys.add(entry.key().id());
                    visit(entry.key(), hidden);
                    visit(entry.value(), hidden);
                  });
      case STRUCT -> part.struct().entries().forEach(entry -> visit(entry.value(), hidden));
      case COMPREHENSION -> loop(part.comprehension(), hidden);
      default -> {
        // Constants and names have nothing in them.
      }
    }
  }

  private void inner(CelExpr part, Set<String> hidden, boolean noted) {
    if (!noted) {
      visit(part, hidden);
    } else if (part.getKind() == Kind.SELECT) {
      inner(part.select().operand(), hidden, true);
    } else if (part.getKind() == Kind.CALL) {
      call(part, hidden, true);
    }
  }

  private void call(CelExpr part, Set<String> hidden, boolean noted) {
    List<CelExpr> arguments = part.call().args();
    if (part.call().function().equals("_[_]")) {
      keys.add(arguments.get(1).id());
      inner(arguments.get(0), hidden, noted);
      visit(arguments.get(1), hidden);
      return;
    }
    if (part.call().function().equals("matches")) {
      List<CelExpr> all = new ArrayList<>(arguments);
      part.call().target().ifPresent(target -> all.add(0, target));
      lengths.put(all.get(0).id(), MAX_SEARCHED_CHARS);
      lengths.put(all.get(1).id(), MAX_PATTERN_CHARS);
    }
    part.call().target().ifPresent(target -> visit(target, hidden));
    arguments.forEach(each -> visit(each, hidden));
  }

  private void loop(CelExpr.CelComprehension loop, Set<String> hidden) {
    visit(loop.iterRange(), hidden);
    visit(loop.accuInit(), hidden);
    Set<String> within = new HashSet<>(hidden);
    Collections.addAll(within, loop.iterVar(), loop.iterVar2(), loop.accuVar());
    visit(loop.loopCondition(), within);
    visit(loop.loopStep(), within);
    visit(loop.result(), within);
  }

  /** The names on the way to a place of the context; empty for anything else. */
  private static Optional<List<String>> chain(CelExpr part, Set<String> hidden) {
    if (part.getKind() == Kind.IDENT) {
      String name = part.ident().name();
      return CelEnvironment.VARIABLES.contains(name) && !hidden.contains(name)
          ? Optional.of(List.of(name))
          : Optional.empty();
    }
    if (part.getKind() == Kind.SELECT) {
      // has(a.b) asks whether b is there, and so does not count on it; a step it names all the
      // same.
      Optional<List<String>> before = chain(part.select().operand(), hidden);
      return part.select().testOnly() && !before.equals(Optional.of(List.of("steps")))
          ? before
          : before.map(names -> with(names, part.select().field()));
    }
    if (part.getKind() == Kind.CALL && part.call().function().equals("_[_]")) {
      CelExpr key = part.call().args().get(1);
      boolean isText =
          key.getKind() == Kind.CONSTANT
              && key.constant().getKind() == CelConstant.Kind.STRING_VALUE;
      return isText
          ? chain(part.call().args().get(0), hidden)
              .map(names -> with(names, key.constant().stringValue()))
          : Optional.empty();
    }
    return Optional.empty();
  }

  private static List<String> with(List<String> names, String name) {
    List<String> longer = new ArrayList<>(names);
    longer.add(name);
    return longer;
  }
}
