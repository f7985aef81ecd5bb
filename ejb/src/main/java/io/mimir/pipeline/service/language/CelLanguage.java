package io.mimir.pipeline.service.language;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelStringExtensions.Function;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelVariableResolver;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** CEL as pipelines have it: its variables, and the functions beside its own. */
final class CelLanguage {

  private static final String STEPS = "steps";
  private static final Set<String> VARIABLES = Set.of("input", STEPS, "item", "index", "run");

  /** Of all loops of one evaluation together. */
  private static final int ITERATIONS = 100_000;

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .comprehensionMaxIterations(ITERATIONS)
          .enableHeterogeneousNumericComparisons(true)
          .build();

  /** Those that make no more than they are given. */
  private static final Set<Function> OF_TEXT =
      Set.of(
          Function.CHAR_AT,
          Function.INDEX_OF,
          Function.LAST_INDEX_OF,
          Function.LOWER_ASCII,
          Function.SPLIT,
          Function.SUBSTRING,
          Function.TRIM,
          Function.UPPER_ASCII);

  private final CelCompiler compiler;
  private final CelRuntime runtime;

  CelLanguage() {
    compiler =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addLibraries(CelExtensions.strings(OF_TEXT))
            .addFunctionDeclarations(joinDeclared(), replaceDeclared())
            .addVar("input", SimpleType.DYN)
            .addVar(STEPS, MapType.create(SimpleType.STRING, SimpleType.DYN))
            .addVar("item", SimpleType.DYN)
            .addVar("index", SimpleType.INT)
            .addVar("run", SimpleType.DYN)
            .build();
    runtime =
        CelRuntimeFactory.standardCelRuntimeBuilder()
            .setOptions(OPTIONS)
            .addLibraries(CelExtensions.strings(OF_TEXT))
            .addFunctionBindings(
                CelFunctionBinding.from("text_join", List.class, String.class, CelLanguage::join))
            .addFunctionBindings(
                CelFunctionBinding.from(
                    "text_replace",
                    List.of(String.class, String.class, String.class),
                    CelLanguage::replace))
            .build();
  }

  private static CelFunctionDecl joinDeclared() {
    return CelFunctionDecl.newFunctionDeclaration(
        "join",
        CelOverloadDecl.newMemberOverload(
            "text_join", SimpleType.STRING, ListType.create(SimpleType.DYN), SimpleType.STRING));
  }

  private static CelFunctionDecl replaceDeclared() {
    return CelFunctionDecl.newFunctionDeclaration(
        "replace",
        CelOverloadDecl.newMemberOverload(
            "text_replace",
            SimpleType.STRING,
            SimpleType.STRING,
            SimpleType.STRING,
            SimpleType.STRING));
  }

  private static String join(List<?> parts, String between) throws CelEvaluationException {
    StringBuilder text = new StringBuilder();
    for (Object part : parts) {
      if (!(part instanceof String piece)) {
        throw new CelEvaluationException("join takes a list of texts: use string(…) on its items");
      }
      CelBudget.pay((long) piece.length() + between.length());
      text.append(text.isEmpty() ? "" : between).append(piece);
    }
    return text.toString();
  }

  private static Object replace(Object[] arguments) {
    String text = (String) arguments[0];
    String old = (String) arguments[1];
    String fresh = (String) arguments[2];
    if (old.isEmpty()) {
      return text;
    }
    StringBuilder result = new StringBuilder();
    int from = 0;
    for (int at = text.indexOf(old); at >= 0; at = text.indexOf(old, from)) {
      CelBudget.pay((long) at - from + fresh.length());
      result.append(text, from, at).append(fresh);
      from = at + old.length();
    }
    return result.append(text, from, text.length()).toString();
  }

  CelValidationResult compile(String text) {
    return compiler.compile(text);
  }

  CelRuntime.Program program(CelAbstractSyntaxTree tree) throws CelEvaluationException {
    return runtime.createProgram(tree);
  }

  /** What an expression sees; each value is turned into CEL's form when it is asked for. */
  static CelVariableResolver variables(Scope scope) {
    return name ->
        switch (name) {
          case "input" -> Optional.of(CelValues.ofJson(scope.input()));
          case STEPS -> Optional.of(CelValues.steps(scope));
          case "item" ->
              scope.index() < 0 ? Optional.empty() : Optional.of(CelValues.ofJson(scope.item()));
          case "index" -> scope.index() < 0 ? Optional.empty() : Optional.of((long) scope.index());
          case "run" -> Optional.of(CelValues.ofJson(scope.run()));
          default -> Optional.empty();
        };
  }

  /** The steps that are named as {@code steps.name} or {@code steps["name"]}. */
  static Set<String> stepsIn(CelAbstractSyntaxTree tree) {
    Set<String> names = new TreeSet<>();
    nodes(tree)
        .forEach(
            node -> {
              if (node.getKind() == Kind.SELECT && isSteps(node.select().operand())) {
                names.add(node.select().field());
              } else if (node.getKind() == Kind.CALL && node.call().function().equals("_[_]")) {
                List<CelExpr> of = node.call().args();
                if (isSteps(of.get(0))
                    && of.get(1).getKind() == Kind.CONSTANT
                    && of.get(1).constant().getKind() == CelConstant.Kind.STRING_VALUE) {
                  names.add(of.get(1).constant().stringValue());
                }
              }
            });
    return names;
  }

  private static boolean isSteps(CelExpr expression) {
    return expression.getKind() == Kind.IDENT && expression.ident().name().equals(STEPS);
  }

  /** The variables that are used. */
  static Set<String> variablesIn(CelAbstractSyntaxTree tree) {
    Set<String> names = new TreeSet<>();
    nodes(tree)
        .filter(node -> node.getKind() == Kind.IDENT && VARIABLES.contains(node.ident().name()))
        .forEach(node -> names.add(node.ident().name()));
    return names;
  }

  private static java.util.stream.Stream<CelExpr> nodes(CelAbstractSyntaxTree tree) {
    return CelNavigableAst.fromAst(tree).getRoot().allNodes().map(CelNavigableExpr::expr);
  }
}
