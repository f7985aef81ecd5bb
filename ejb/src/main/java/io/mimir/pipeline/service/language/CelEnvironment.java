package io.mimir.pipeline.service.language;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.standard.AddOperator.AddOverload;
import dev.cel.runtime.standard.ContainsFunction.ContainsOverload;
import dev.cel.runtime.standard.EqualsOperator.EqualsOverload;
import dev.cel.runtime.standard.InOperator.InOverload;
import dev.cel.runtime.standard.NotEqualsOperator.NotEqualsOverload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The CEL of pipelines: its variables, the functions that it has, and the limits on both. To make
 * it takes most of a second, so nobody makes it before there is an expression.
 */
final class CelEnvironment {

  static final List<String> VARIABLES = List.of("input", "steps", "item", "index", "run");

  /** A pattern's size is what a search costs at each character of the text. */
  private static final int MAX_REGEX_PROGRAM = 1_000;

  private static final int MAX_PARSE_DEPTH = 100;

  /**
   * What the library does without counting: what makes texts and lists, and what compares values,
   * whose parts may be shared so often that they never come to an end.
   */
  private static final Set<Object> REPLACED =
      Set.of(
          AddOverload.ADD_STRING,
          AddOverload.ADD_BYTES,
          AddOverload.ADD_LIST,
          ContainsOverload.CONTAINS_STRING,
          EqualsOverload.EQUALS,
          NotEqualsOverload.NOT_EQUALS,
          InOverload.IN_LIST,
          InOverload.IN_MAP);

  private static final CelType TEXT = SimpleType.STRING;
  private static final CelType INT = SimpleType.INT;
  private static final ListType TEXTS = ListType.create(TEXT);
  private static final ListType LIST = ListType.create(SimpleType.DYN);

  private final CelCompiler compiler;
  private final CelRuntime runtime;
  private final Map<String, List<CelOverloadDecl>> declared = new LinkedHashMap<>();
  private final List<CelFunctionBinding> bindings = new ArrayList<>();

  private CelEnvironment() {
    declareTexts();
    declareLists();
    replace();
    CelOptions options =
        CelOptions.current()
            .comprehensionMaxIterations(CelBudget.MAX_ITERATIONS)
            .maxExpressionCodePointSize(DefinitionReader.MAX_EXPRESSION_CHARS)
            .maxParseRecursionDepth(MAX_PARSE_DEPTH)
            .maxRegexProgramSize(MAX_REGEX_PROGRAM)
            .enableHeterogeneousNumericComparisons(true)
            .build();
    compiler = compiler(options);
    runtime =
        CelRuntimeFactory.standardCelRuntimeBuilder()
            .setOptions(options)
            .setStandardEnvironmentEnabled(false)
            .setStandardFunctions(
                CelStandardFunctions.newBuilder()
                    .filterFunctions((function, overload) -> !REPLACED.contains(overload))
                    .build())
            .addFunctionBindings(bindings)
            .build();
  }

  private static final class Holder {
    private static final CelEnvironment ONLY = new CelEnvironment();
  }

  static CelCompiler compiler() {
    return Holder.ONLY.compiler;
  }

  static CelRuntime runtime() {
    return Holder.ONLY.runtime;
  }

  /** The functions that are here besides those of the language itself. */
  static Set<String> functions() {
    return Holder.ONLY.declared.keySet();
  }

  private CelCompiler compiler(CelOptions options) {
    return CelCompilerFactory.standardCelCompilerBuilder()
        .setOptions(options)
        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
        .setStandardEnvironmentEnabled(false)
        .setStandardDeclarations(
            CelStandardDeclarations.newBuilder()
                .excludeFunctions(CelStandardDeclarations.StandardFunction.BYTES)
                .build())
        .addVar("input", SimpleType.DYN)
        .addVar("steps", MapType.create(TEXT, SimpleType.DYN))
        .addVar("item", SimpleType.DYN)
        .addVar("index", INT)
        .addVar("run", SimpleType.DYN)
        .addFunctionDeclarations(
            declared.entrySet().stream()
                .map(each -> CelFunctionDecl.newFunctionDeclaration(each.getKey(), each.getValue()))
                .toList())
        .build();
  }

  private void declareTexts() {
    unary("lowerAscii", "string_lower_ascii", TEXT, TEXT, String.class, CelTexts::lower);
    unary("upperAscii", "string_upper_ascii", TEXT, TEXT, String.class, CelTexts::upper);
    unary("trim", "string_trim", TEXT, TEXT, String.class, CelTexts::trim);
    unary("join", "list_join", TEXT, TEXTS, List.class, list -> CelTexts.join(list));
    method("join", "list_join_string", TEXT, TEXTS, TEXT);
    bind("list_join_string", List.class, String.class, (list, by) -> CelTexts.join(list, by));
    method("split", "string_split_string", TEXTS, TEXT, TEXT);
    bind("string_split_string", String.class, String.class, CelTexts::split);
    method("split", "string_split_string_int", TEXTS, TEXT, TEXT, INT);
    bind(
        "string_split_string_int",
        List.of(String.class, String.class, Long.class),
        all -> CelTexts.split((String) all[0], (String) all[1], (Long) all[2]));
    method("replace", "string_replace_string_string", TEXT, TEXT, TEXT, TEXT);
    bind(
        "string_replace_string_string",
        List.of(String.class, String.class, String.class),
        all -> CelTexts.replace((String) all[0], (String) all[1], (String) all[2]));
    method("replace", "string_replace_string_string_int", TEXT, TEXT, TEXT, TEXT, INT);
    bind(
        "string_replace_string_string_int",
        List.of(String.class, String.class, String.class, Long.class),
        all -> CelTexts.replace((String) all[0], (String) all[1], (String) all[2], (Long) all[3]));
    method("substring", "string_substring_int", TEXT, TEXT, INT);
    bind("string_substring_int", String.class, Long.class, CelTexts::substring);
    method("substring", "string_substring_int_int", TEXT, TEXT, INT, INT);
    bind(
        "string_substring_int_int",
        List.of(String.class, Long.class, Long.class),
        all -> CelTexts.substring((String) all[0], (Long) all[1], (Long) all[2]));
    method("indexOf", "string_index_of_string", INT, TEXT, TEXT);
    bind("string_index_of_string", String.class, String.class, CelTexts::indexOf);
    method("indexOf", "string_index_of_string_int", INT, TEXT, TEXT, INT);
    bind(
        "string_index_of_string_int",
        List.of(String.class, String.class, Long.class),
        all -> CelTexts.indexOf((String) all[0], (String) all[1], (Long) all[2]));
  }

  private void declareLists() {
    unary("sort", "list_sort", LIST, LIST, List.class, list -> CelLists.sort(list));
    unary("distinct", "list_distinct", LIST, LIST, List.class, list -> CelLists.distinct(list));
    unary("flatten", "list_flatten", LIST, LIST, List.class, list -> CelLists.flatten(list));
    unary("reverse", "list_reverse", LIST, LIST, List.class, list -> CelLists.reverse(list));
    method("slice", "list_slice", LIST, LIST, INT, INT);
    bind(
        "list_slice",
        List.of(List.class, Long.class, Long.class),
        all -> CelLists.slice((List<?>) all[0], (Long) all[1], (Long) all[2]));
  }

  private void replace() {
    bind("add_string", String.class, String.class, CelTexts::plus);
    bind("add_list", List.class, List.class, (first, second) -> CelLists.plus(first, second));
    bind("contains_string", String.class, String.class, CelTexts::contains);
    bind("equals", Object.class, Object.class, CelLists::same);
    bind("not_equals", Object.class, Object.class, (one, other) -> !CelLists.same(one, other));
    bind("in_list", Object.class, List.class, (value, list) -> CelLists.isIn(value, list));
    bind("in_map", Object.class, Map.class, (key, map) -> CelLists.isIn(key, map));
  }

  private <T> void unary(
      String name,
      String id,
      CelType result,
      CelType on,
      Class<T> type,
      CelFunctionOverload.Unary<T> body) {
    method(name, id, result, on);
    bindings.add(CelFunctionBinding.from(id, type, body));
  }

  private void method(String name, String id, CelType result, CelType... arguments) {
    declared
        .computeIfAbsent(name, any -> new ArrayList<>())
        .add(CelOverloadDecl.newMemberOverload(id, result, arguments));
  }

  private <A, B> void bind(
      String id, Class<A> first, Class<B> second, CelFunctionOverload.Binary<A, B> body) {
    bindings.add(CelFunctionBinding.from(id, first, second, body));
  }

  private void bind(String id, List<Class<?>> types, CelFunctionOverload body) {
    bindings.add(CelFunctionBinding.from(id, types, body));
  }
}
