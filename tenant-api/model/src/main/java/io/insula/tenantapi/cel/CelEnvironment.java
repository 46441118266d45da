package io.insula.tenantapi.cel;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.re2j.Pattern;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.StructType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelListsExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.CelStandardFunctions.StandardFunction;
import dev.cel.runtime.RuntimeEquality;
import dev.cel.runtime.RuntimeHelpers;
import dev.cel.runtime.standard.AddOperator;
import dev.cel.runtime.standard.CelStandardOverload;
import dev.cel.validator.CelValidator;
import dev.cel.validator.CelValidatorFactory;
import dev.cel.validator.validators.DurationLiteralValidator;
import dev.cel.validator.validators.HomogeneousLiteralValidator;
import dev.cel.validator.validators.RegexLiteralValidator;
import dev.cel.validator.validators.TimestampLiteralValidator;
import io.insula.tenantapi.cel.library.CelFunctions;
import io.insula.tenantapi.cel.library.CelObjects;
import io.insula.tenantapi.cel.library.Equality;
import io.insula.tenantapi.cel.library.FrozenList;
import io.insula.tenantapi.cel.library.Libraries;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The variables and types that expressions of one place may use, on top of Kubernetes' functions. Immutable,
/// thread-safe. Source: kubernetes/apiserver, `pkg/cel/environment/base.go`, for version 1.34.
public final class CelEnvironment {

    private static final Pattern CANDIDATES = Pattern.compile(" \\(candidates: .*\\)$", Pattern.DOTALL);
    private static final Pattern SYNTAX = Pattern.compile(
            "(mismatched input|extraneous input|no viable alternative|token recognition|missing ).*", Pattern.DOTALL);

    private final CelCompiler compiler;
    private final CelValidator literals;

    private CelEnvironment(CelCompiler compiler) {
        this.compiler = compiler;
        Cel both = CelFactory.combine(compiler, Shared.RUNTIME);
        literals = CelValidatorFactory.standardCelValidatorBuilder(both)
                .addAstValidators(
                        DurationLiteralValidator.INSTANCE,
                        TimestampLiteralValidator.INSTANCE,
                        RegexLiteralValidator.INSTANCE,
                        HomogeneousLiteralValidator.newInstance("format"))
                .build();
    }

    /// @param structs the object types that variables have in them
    public static CelEnvironment of(Map<String, CelType> variables, List<StructType> structs) {
        return of(variables, structs, new SchemaTypes());
    }

    /// @param schemas further object types
    static CelEnvironment of(Map<String, CelType> variables, List<StructType> structs, SchemaTypes schemas) {
        var builder = Shared.COMPILER.toCompilerBuilder().setTypeProvider(new Structs(structs, schemas));
        variables.forEach(builder::addVar);
        return new CelEnvironment(builder.build());
    }

    /// @throws CelException with everything that is wrong, each with its place
    public CelExpression compile(String source) {
        CelValidationResult checked = compiler.compile(source);
        refuse(checked);
        try {
            CelAbstractSyntaxTree tree = checked.getAst();
            CelValidationResult validated = literals.validate(tree);
            refuse(validated);
            return new CelExpression(source, tree, Shared.RUNTIME.createProgram(tree));
        } catch (CelValidationException | CelEvaluationException e) {
            throw new CelException(String.valueOf(e.getMessage()));
        }
    }

    private static void refuse(CelValidationResult result) {
        if (!result.hasError()) {
            return;
        }
        var lines = new ArrayList<String>();
        for (CelIssue issue : result.getErrors()) {
            String shown = issue.toDisplayString(result.getSource());
            lines.add(shown.replace(issue.getMessage(), wording(issue.getMessage())));
        }
        throw new CelException(String.join("\n", lines));
    }

    /// As cel-go words it.
    private static String wording(String message) {
        String text = CANDIDATES.matcher(message).replaceAll("");
        return SYNTAX.matcher(text).matches() ? "Syntax error: " + text : text;
    }

    /// What all environments have in common: no tenant's, and never changed.
    private static final class Shared {
        private static final CelOptions OPTIONS = CelOptions.current()
                .enableHeterogeneousNumericComparisons(true)
                .enableOptionalSyntax(true)
                .build();
        private static final List<CelFunctions> LIBRARIES = Libraries.all();
        private static final CelStringExtensions STRINGS = CelExtensions.strings(
                CelStringExtensions.Function.CHAR_AT,
                CelStringExtensions.Function.INDEX_OF,
                CelStringExtensions.Function.JOIN,
                CelStringExtensions.Function.LAST_INDEX_OF,
                CelStringExtensions.Function.LOWER_ASCII,
                CelStringExtensions.Function.QUOTE,
                CelStringExtensions.Function.REPLACE,
                CelStringExtensions.Function.SPLIT,
                CelStringExtensions.Function.SUBSTRING,
                CelStringExtensions.Function.TRIM,
                CelStringExtensions.Function.UPPER_ASCII);
        private static final CelListsExtensions LISTS = CelExtensions.lists();

        static final CelCompiler COMPILER = compiler();
        static final CelRuntime RUNTIME = runtime();

        private static CelCompiler compiler() {
            var builder = CelCompilerFactory.standardCelCompilerBuilder()
                    .setOptions(OPTIONS)
                    .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                    .addLibraries(
                            CelExtensions.optional(),
                            STRINGS,
                            LISTS,
                            CelExtensions.sets(OPTIONS),
                            CelExtensions.comprehensions());
            LIBRARIES.forEach(library -> builder.addFunctionDeclarations(library.declarations()));
            return builder.build();
        }

        private static CelRuntime runtime() {
            var builder = CelRuntimeFactory.plannerRuntimeBuilder()
                    .setOptions(OPTIONS)
                    .setStandardFunctions(CelStandardFunctions.newBuilder()
                            .filterFunctions((function, overload) -> !isReplaced(function, overload))
                            .build())
                    .addFunctionBindings(
                            CelFunctionBinding.from("equals", Object.class, Object.class, Equality::same),
                            CelFunctionBinding.from(
                                    "not_equals", Object.class, Object.class, (a, b) -> !Equality.same(a, b)))
                    .addFunctionBindings(CelFunctionBinding.fromOverloads("_+_", sums()))
                    .addLibraries(
                            CelExtensions.optional(),
                            STRINGS,
                            LISTS,
                            CelExtensions.sets(OPTIONS),
                            CelExtensions.comprehensions());
            LIBRARIES.forEach(library -> builder.addFunctionBindings(library.bindings()));
            return builder.build();
        }

        /// All of `+` together, for operands whose types are known only when it is evaluated.
        private static List<CelFunctionBinding> sums() {
            var equality = RuntimeEquality.create(RuntimeHelpers.create(), OPTIONS);
            var all = new ArrayList<CelFunctionBinding>();
            for (var overload : AddOperator.AddOverload.values()) {
                all.add(
                        overload == AddOperator.AddOverload.ADD_LIST
                                ? CelFunctionBinding.from(
                                        "add_list", List.class, List.class, CelEnvironment::concatenated)
                                : overload.newFunctionBinding(OPTIONS, equality));
            }
            return all;
        }
    }

    /// What sets and maps among lists need of their own.
    private static boolean isReplaced(StandardFunction function, CelStandardOverload overload) {
        return function == StandardFunction.EQUALS
                || function == StandardFunction.NOT_EQUALS
                || overload instanceof AddOperator.AddOverload;
    }

    /// Finds object types by name.
    @SuppressWarnings("Immutable") // schemas grow, but a name always means the same
    private static final class Structs implements CelTypeProvider {
        private final ImmutableMap<String, CelType> byName;
        private final SchemaTypes schemas;

        Structs(List<StructType> structs, SchemaTypes schemas) {
            this.schemas = schemas;
            var all = new HashMap<String, CelType>();
            CelObjects.all().forEach(type -> all.put(type.name(), type));
            structs.forEach(struct -> all.put(struct.name(), struct));
            byName = ImmutableMap.copyOf(all);
        }

        @Override
        public ImmutableList<CelType> types() {
            return ImmutableList.copyOf(byName.values());
        }

        @Override
        public Optional<CelType> findType(String name) {
            CelType type = byName.get(name);
            return type == null ? schemas.find(name) : Optional.of(type);
        }
    }

    /// `a + b` of lists, where one may be a set or a map.
    @SuppressWarnings("unchecked")
    private static List<Object> concatenated(List<?> a, List<?> b) {
        return a instanceof FrozenList list && list.isUnordered()
                ? list.merged(b)
                : RuntimeHelpers.concat((List<Object>) a, (List<Object>) b);
    }
}
