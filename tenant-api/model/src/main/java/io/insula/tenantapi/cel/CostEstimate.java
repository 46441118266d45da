package io.insula.tenantapi.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import io.insula.tenantapi.cel.Locals.Local;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How much an expression may cost at worst, known only the schema of its data. Used once, by one thread.
/// Source: google/cel-go, `checker/cost.go`; presence tests are free as in Kubernetes.
final class CostEstimate {

    private static final String LOOP_RESULT = "@result";
    private static final String OLD_LOOP_RESULT = "__result__";

    private final CelAbstractSyntaxTree tree;
    private final DeclaredSizes declared;
    private final Map<Long, List<String>> paths = new HashMap<>();
    private final Map<Long, Cost> sizes = new HashMap<>();
    private final Map<Long, Entries> entries = new HashMap<>();
    private final Locals locals = new Locals();

    CostEstimate(CelAbstractSyntaxTree tree, DeclaredSizes declared) {
        this.tree = tree;
        this.declared = declared;
    }

    /// The sizes of a list's or map's keys and values.
    record Entries(boolean isList, Cost keys, Cost values) {
        Entries union(Entries other) {
            return new Entries(isList, keys.union(other.keys), values.union(other.values));
        }
    }

    /// An operand with what is known of it.
    record Operand(CelExpr expression, CelType type, List<String> path, Cost size) {}

    Cost total() {
        return cost(tree.getExpr());
    }

    private Cost cost(CelExpr expression) {
        return switch (expression.getKind()) {
            case IDENT -> identifier(expression);
            case SELECT -> selection(expression);
            case CALL -> call(expression);
            case LIST -> list(expression);
            case MAP -> map(expression);
            case STRUCT -> struct(expression);
            case COMPREHENSION -> isBind(expression.comprehension()) ? bind(expression) : comprehension(expression);
            case CONSTANT, NOT_SET -> Cost.NONE;
        };
    }

    private Cost identifier(CelExpr expression) {
        String name = expression.ident().name();
        Local local = locals.find(name);
        paths.put(expression.id(), local == null ? List.of(name) : local.path());
        return Cost.ONE;
    }

    private Cost selection(CelExpr expression) {
        CelExpr operand = expression.select().operand();
        Cost cost = cost(operand);
        if (expression.select().testOnly()) {
            return cost;
        }
        CelKind kind = type(operand).kind();
        paths.put(expression.id(), extended(path(operand), expression.select().field()));
        boolean counts = kind == CelKind.MAP || kind == CelKind.STRUCT || kind == CelKind.TYPE_PARAM;
        return counts ? cost.plus(Cost.ONE) : cost;
    }

    private Cost list(CelExpr expression) {
        Cost cost = Cost.fixed(Cost.LIST_CREATION);
        Cost element = null;
        for (CelExpr one : expression.list().elements()) {
            cost = cost.plus(cost(one));
            element = element == null ? size(one) : element.union(size(one));
        }
        entries.put(expression.id(), new Entries(true, Cost.ONE, element == null ? Cost.NONE : element));
        return cost;
    }

    private Cost map(CelExpr expression) {
        Cost cost = Cost.fixed(Cost.MAP_CREATION);
        Cost keys = null;
        Cost values = null;
        for (CelExpr.CelMap.Entry entry : expression.map().entries()) {
            cost = cost.plus(cost(entry.key())).plus(cost(entry.value()));
            keys = keys == null ? size(entry.key()) : keys.union(size(entry.key()));
            values = values == null ? size(entry.value()) : values.union(size(entry.value()));
        }
        entries.put(
                expression.id(),
                new Entries(false, keys == null ? Cost.NONE : keys, values == null ? Cost.NONE : values));
        return cost;
    }

    private Cost struct(CelExpr expression) {
        Cost cost = Cost.fixed(Cost.STRUCT_CREATION);
        for (CelExpr.CelStruct.Entry field : expression.struct().entries()) {
            cost = cost.plus(cost(field.value()));
        }
        return cost;
    }

    private Cost comprehension(CelExpr expression) {
        CelComprehension loop = expression.comprehension();
        Cost cost = cost(loop.iterRange()).plus(cost(loop.accuInit()));
        locals.push(
                loop.accuVar(),
                new Local(path(loop.accuInit()), knownSize(loop.accuInit()), entriesOf(loop.accuInit())));
        boolean two = !loop.iterVar2().isEmpty();
        pushVariables(loop, two);
        Cost step = cost(loop.loopCondition()).plus(cost(loop.loopStep()));
        locals.pop(loop.iterVar());
        if (two) {
            locals.pop(loop.iterVar2());
        }
        cost = cost.plus(cost(loop.result()));
        locals.pop(loop.accuVar());
        Cost count = size(loop.iterRange());
        switch (loop.accuInit().getKind()) {
            case CONSTANT -> {
                Cost size = knownSize(loop.accuInit());
                if (size != null) {
                    sizes.put(expression.id(), size);
                }
            }
            case LIST, MAP -> {
                sizes.put(expression.id(), count);
                Entries made = entriesOf(loop.loopStep());
                if (made != null) {
                    entries.put(expression.id(), made);
                }
            }
            default -> {}
        }
        return cost.plus(count.times(step));
    }

    private void pushVariables(CelComprehension loop, boolean two) {
        CelExpr range = loop.iterRange();
        Entries known = entriesOf(range);
        boolean isList = known == null ? type(range).kind() == CelKind.LIST : known.isList();
        Cost keys = known == null ? null : known.keys();
        Cost values = known == null ? null : known.values();
        if (two) {
            locals.push(loop.iterVar(), new Local(extended(path(range), isList ? "@indices" : "@keys"), keys, null));
            locals.push(loop.iterVar2(), new Local(extended(path(range), isList ? "@items" : "@values"), values, null));
        } else {
            String part = isList ? "@items" : "@keys";
            locals.push(loop.iterVar(), new Local(extended(path(range), part), isList ? values : keys, null));
        }
    }

    /// `cel.bind` and optMap expand to a loop over nothing.
    private static boolean isBind(CelComprehension loop) {
        boolean nothing = loop.iterRange().getKind() == Kind.LIST
                && loop.iterRange().list().elements().isEmpty();
        return nothing
                && loop.loopCondition().getKind() == Kind.CONSTANT
                && !loop.accuVar().equals(LOOP_RESULT)
                && !loop.accuVar().equals(OLD_LOOP_RESULT);
    }

    private Cost bind(CelExpr expression) {
        CelComprehension loop = expression.comprehension();
        Cost cost = cost(loop.iterRange()).plus(cost(loop.accuInit()));
        locals.push(
                loop.accuVar(),
                new Local(path(loop.accuInit()), knownSize(loop.accuInit()), entriesOf(loop.accuInit())));
        cost = cost.plus(cost(loop.result()));
        locals.pop(loop.accuVar());
        copySizes(expression, loop.result());
        return cost;
    }

    private Cost call(CelExpr expression) {
        CelExpr.CelCall call = expression.call();
        if (call.function().equals("dyn")) {
            Cost cost = cost(call.args().get(0)).plus(Cost.ONE);
            copySizes(expression, call.args().get(0));
            return cost;
        }
        var costs = new ArrayList<Cost>();
        var arguments = new ArrayList<Operand>();
        for (CelExpr argument : call.args()) {
            costs.add(cost(argument));
            arguments.add(operand(argument));
        }
        Cost sum = Cost.NONE;
        Operand target = null;
        if (call.target().isPresent()) {
            sum = cost(call.target().get());
            target = operand(call.target().get());
        }
        var overloads = tree.getReference(expression.id()).map(r -> r.overloadIds());
        if (overloads.isEmpty() || overloads.get().isEmpty()) {
            return Cost.NONE;
        }
        Cost total = null;
        Cost resultSize = null;
        for (String overload : overloads.get()) {
            CallEstimates.Estimate one =
                    new CallEstimates(this, call.function(), overload, target, arguments, costs).estimate(expression);
            total = total == null ? one.cost() : total.union(one.cost());
            if (one.resultSize() != null) {
                resultSize = resultSize == null ? one.resultSize() : resultSize.union(one.resultSize());
            }
            resultSize = indexed(expression, overload, arguments, resultSize);
            if (resultSize == null) {
                resultSize = knownSize(expression);
            }
        }
        if (resultSize != null) {
            sizes.put(expression.id(), resultSize);
        }
        return sum.plus(total == null ? Cost.NONE : total);
    }

    private @Nullable Cost indexed(
            CelExpr expression, String overload, List<Operand> arguments, @Nullable Cost otherwise) {
        boolean isList = overload.equals("index_list");
        if ((!isList && !overload.equals("index_map")) || arguments.isEmpty()) {
            return otherwise;
        }
        CelExpr container = arguments.getFirst().expression();
        paths.put(expression.id(), extended(path(container), isList ? "@items" : "@values"));
        Entries known = entriesOf(container);
        return known == null ? null : known.values();
    }

    private void copySizes(CelExpr to, CelExpr from) {
        Cost size = knownSize(from);
        if (size != null) {
            sizes.put(to.id(), size);
        }
        Entries known = entriesOf(from);
        if (known != null) {
            entries.put(to.id(), known);
        }
    }

    Operand operand(CelExpr expression) {
        List<String> path = path(expression);
        boolean hidden = !path.isEmpty()
                && (path.getFirst().equals(LOOP_RESULT) || path.getFirst().equals(OLD_LOOP_RESULT));
        return new Operand(expression, type(expression), hidden ? List.of() : path, size(expression));
    }

    Cost size(CelExpr expression) {
        Cost known = knownSize(expression);
        return known == null ? Cost.UNKNOWN : known;
    }

    private @Nullable Cost knownSize(CelExpr expression) {
        Cost computed = sizes.get(expression.id());
        if (computed != null) {
            return computed;
        }
        switch (expression.getKind()) {
            case CONSTANT -> {
                return Cost.fixed(constantSize(expression.constant()));
            }
            case LIST -> {
                return Cost.fixed(expression.list().elements().size());
            }
            case MAP -> {
                return Cost.fixed(expression.map().entries().size());
            }
            default -> {}
        }
        Optional<Cost> given = sizeAt(path(expression), type(expression));
        if (given.isPresent()) {
            sizes.put(expression.id(), given.get());
            return given.get();
        }
        if (isScalar(type(expression))) {
            return Cost.ONE;
        }
        Local local = expression.getKind() == Kind.IDENT
                ? locals.find(expression.ident().name())
                : null;
        return local == null ? null : local.size();
    }

    private static long constantSize(CelConstant constant) {
        return switch (constant.getKind()) {
            case STRING_VALUE ->
                constant.stringValue().codePointCount(0, constant.stringValue().length());
            case BYTES_VALUE -> constant.bytesValue().size();
            default -> 1;
        };
    }

    Optional<Cost> sizeAt(List<String> path, CelType type) {
        return declared.at(path, type);
    }

    private static boolean isScalar(CelType type) {
        return switch (type.kind()) {
            case BOOL, DOUBLE, DURATION, INT, TIMESTAMP, UINT -> true;
            case OPAQUE ->
                type.name().equals("optional_type")
                        && isScalar(type.parameters().get(0));
            default -> false;
        };
    }

    @Nullable
    Entries entriesOf(CelExpr expression) {
        Entries known = entries.get(expression.id());
        if (known != null) {
            return known;
        }
        Local local = expression.getKind() == Kind.IDENT
                ? locals.find(expression.ident().name())
                : null;
        return local == null ? null : local.entries();
    }

    void entries(CelExpr expression, @Nullable Entries known) {
        if (known != null) {
            entries.put(expression.id(), known);
        }
    }

    private CelType type(CelExpr expression) {
        return tree.getType(expression.id()).orElse(SimpleType.DYN);
    }

    private List<String> path(CelExpr expression) {
        if (expression.getKind() == Kind.IDENT) {
            Local local = locals.find(expression.ident().name());
            if (local != null) {
                return local.path();
            }
        }
        return paths.getOrDefault(expression.id(), List.of());
    }

    private static List<String> extended(List<String> path, String part) {
        var longer = new ArrayList<>(path);
        longer.add(part);
        return List.copyOf(longer);
    }
}
