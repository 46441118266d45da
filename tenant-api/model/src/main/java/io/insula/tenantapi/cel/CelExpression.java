package io.insula.tenantapi.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.exceptions.CelDivideByZeroException;
import dev.cel.common.exceptions.CelIndexOutOfBoundsException;
import dev.cel.common.exceptions.CelNumericOverflowException;
import dev.cel.common.exceptions.CelOverloadNotFoundException;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import io.insula.tenantapi.cel.library.FunctionFailure;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A compiled expression. Immutable, thread-safe.
public final class CelExpression {

    private static final Pattern MISSING_KEY = Pattern.compile("key '(.*)' is not present in map\\.", Pattern.DOTALL);
    private static final Pattern PLACE = Pattern.compile("evaluation error(?: at [^:]*:\\d+)?: ");

    private final String source;
    private final CelAbstractSyntaxTree tree;
    private final CelRuntime.Program program;

    CelExpression(String source, CelAbstractSyntaxTree tree, CelRuntime.Program program) {
        this.source = source;
        this.tree = tree;
        this.program = program;
    }

    /// A value with what it cost.
    public record Result(Object value, long cost) {
        public boolean isTrue() {
            return Boolean.TRUE.equals(value);
        }
    }

    public String source() {
        return source;
    }

    public CelType resultType() {
        return tree.getResultType();
    }

    /// Whether the expression mentions a variable.
    public boolean mentions(String variable) {
        return tree.getReferenceMap().values().stream().anyMatch(r -> r.name().equals(variable));
    }

    /// Whether the expression selects `field` of a variable: `variable.field`, also with `has()` and as an optional.
    public boolean selects(String variable, String field) {
        return CelNavigableAst.fromAst(tree)
                .getRoot()
                .allNodes()
                .map(CelNavigableExpr::expr)
                .anyMatch(expression -> selects(expression, variable, field));
    }

    private static boolean selects(CelExpr expression, String variable, String field) {
        return switch (expression.getKind()) {
            case SELECT ->
                isVariable(expression.select().operand(), variable)
                        && expression.select().field().equals(field);
            case CALL -> {
                var arguments = expression.call().args();
                yield expression.call().function().equals(Operator.OPTIONAL_SELECT.getFunction())
                        && arguments.size() == 2
                        && isVariable(arguments.get(0), variable)
                        && arguments.get(1).getKind() == CelExpr.ExprKind.Kind.CONSTANT
                        && arguments.get(1).constant().getKind() == CelConstant.Kind.STRING_VALUE
                        && arguments.get(1).constant().stringValue().equals(field);
            }
            default -> false;
        };
    }

    private static boolean isVariable(CelExpr expression, String variable) {
        return expression.getKind() == CelExpr.ExprKind.Kind.IDENT
                && expression.ident().name().equals(variable);
    }

    /// The worst cost that data of this type can cause.
    ///
    /// @param root the type of the first variable of every path; null where nothing is known of sizes
    long estimate(@Nullable DeclType root) {
        return estimate(DeclaredSizes.of(root)).max();
    }

    Cost estimate(DeclaredSizes sizes) {
        return new CostEstimate(tree, sizes).total();
    }

    /// @throws CelException when there is no value, or it would cost more than `limit`
    public Result evaluate(Map<String, ?> variables, long limit) {
        return evaluate(name -> Optional.ofNullable(variables.get(name)), limit);
    }

    /// The same with variables that are looked for when they are needed.
    public Result evaluate(CelVariableResolver variables, long limit) {
        var tracker = new CostTracker(tree, limit);
        try {
            Object value = program.trace(variables, tracker);
            if (tracker.isExceeded()) {
                throw new CelException(CelException.COST_EXCEEDED, tracker.cost());
            }
            return new Result(value, tracker.cost());
        } catch (CelEvaluationException e) {
            String message = tracker.isExceeded() ? CelException.COST_EXCEEDED : message(e);
            throw new CelException(message, tracker.cost());
        }
    }

    /// cel-go's wording.
    private static String message(CelEvaluationException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = String.valueOf(cause.getMessage());
            switch (cause) {
                case FunctionFailure _, CelException _ -> {
                    return text;
                }
                case CelAttributeNotFoundException _ -> {
                    Matcher matcher = MISSING_KEY.matcher(text);
                    return matcher.matches() ? "no such key: " + matcher.group(1) : text;
                }
                case CelIndexOutOfBoundsException _ -> {
                    return text.replace("Index out of bounds", "index out of bounds");
                }
                case CelDivideByZeroException _ -> {
                    return "division by zero";
                }
                case CelNumericOverflowException _ -> {
                    return "integer overflow";
                }
                case CelOverloadNotFoundException _ -> {
                    return "no such overload";
                }
                default -> {}
            }
        }
        String text = String.valueOf(failure.getMessage());
        Matcher place = PLACE.matcher(text);
        String rest = place.lookingAt() ? text.substring(place.end()) : text;
        return rest.startsWith("No matching overload") ? "no such overload" : rest;
    }
}
