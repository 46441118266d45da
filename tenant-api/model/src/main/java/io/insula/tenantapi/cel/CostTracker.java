package io.insula.tenantapi.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.runtime.CelEvaluationListener;
import io.insula.tenantapi.cel.library.FunctionFailure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Counts what one evaluation costs and ends it at a limit. Confined to the evaluating thread; used once.
/// Source: google/cel-go, `interpreter/runtimecost.go`; presence tests are free as in Kubernetes.
final class CostTracker implements CelEvaluationListener {

    private final CelAbstractSyntaxTree tree;
    private final long limit;
    private final Map<Long, Object> values = new HashMap<>();
    private long cost;
    private long previous = -1;

    CostTracker(CelAbstractSyntaxTree tree, long limit) {
        this.tree = tree;
        this.limit = limit;
    }

    long cost() {
        return cost;
    }

    boolean isExceeded() {
        return cost > limit;
    }

    @Override
    public void callback(CelExpr expression, @Nullable Object value) {
        if (value != null) {
            values.put(expression.id(), value);
        }
        // the interpreter tells of a presence test twice
        boolean again = previous == expression.id() && expression.getKind() == Kind.SELECT;
        previous = again ? -1 : expression.id();
        if (!again) {
            cost = Cost.sum(cost, costOf(expression, value));
        }
        if (isExceeded()) {
            throw new FunctionFailure(CelException.COST_EXCEEDED);
        }
    }

    private long costOf(CelExpr expression, @Nullable Object value) {
        return switch (expression.getKind()) {
            case IDENT -> 1;
            case SELECT -> chain(expression);
            case CALL -> call(expression, value);
            case LIST -> isConstant(expression) ? 0 : Cost.LIST_CREATION;
            case MAP -> isConstant(expression) ? 0 : Cost.MAP_CREATION;
            case STRUCT -> Cost.STRUCT_CREATION;
            case CONSTANT, COMPREHENSION, NOT_SET -> 0;
        };
    }

    /// Selections from a variable are evaluated as one, and told of once.
    private static long chain(CelExpr expression) {
        long length = 0;
        CelExpr at = expression;
        while (at.getKind() == Kind.SELECT) {
            length += at.select().testOnly() ? 0 : 1;
            at = at.select().operand();
        }
        return at.getKind() == Kind.IDENT ? length + 1 : length;
    }

    private long call(CelExpr expression, @Nullable Object result) {
        var call = expression.call();
        switch (call.function()) {
            case "_&&_", "_||_", "_?_:_" -> {
                return 0;
            }
            case "@in" -> {
                if (isConstant(call.args().get(1))) {
                    return 0;
                }
            }
            default -> {}
        }
        Optional<CelExpr> target = call.target().filter(t -> values.containsKey(t.id()));
        List<CelExpr> parameters = call.args();
        int offset = target.isPresent() ? 1 : 0;
        var arguments = new Object[parameters.size() + offset];
        target.ifPresent(t -> arguments[0] = known(t));
        for (int i = 0; i < parameters.size(); i++) {
            arguments[i + offset] = known(parameters.get(i));
        }
        var overloads = tree.getReference(expression.id()).map(r -> r.overloadIds());
        String overload =
                overloads.filter(all -> all.size() == 1).map(all -> all.get(0)).orElse("");
        return arguments.length == 0 ? 1 : CallCosts.of(call.function(), overload, arguments, result);
    }

    private Object known(CelExpr expression) {
        Object value = values.get(expression.id());
        return value == null ? "" : value;
    }

    private static boolean isConstant(CelExpr expression) {
        return switch (expression.getKind()) {
            case CONSTANT -> true;
            case LIST -> expression.list().elements().stream().allMatch(CostTracker::isConstant);
            case MAP -> expression.map().entries().stream().allMatch(e -> isConstant(e.key()) && isConstant(e.value()));
            default -> false;
        };
    }
}
