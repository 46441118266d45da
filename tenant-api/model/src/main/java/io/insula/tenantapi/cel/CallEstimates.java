package io.insula.tenantapi.cel;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import io.insula.tenantapi.cel.CostEstimate.Entries;
import io.insula.tenantapi.cel.CostEstimate.Operand;
import io.insula.tenantapi.cel.library.CelObjects;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The estimated cost of one call. Source: kubernetes/apiserver, `pkg/cel/library/cost.go` (EstimateCallCost), and
/// google/cel-go, `checker/cost.go` (functionCost).
///
/// @param target null for a global function
/// @param costs of the arguments
record CallEstimates(
        CostEstimate of,
        String function,
        String overload,
        @Nullable Operand target,
        List<Operand> arguments,
        List<Cost> costs) {

    private static final long AUTHORIZATION = 350_000;
    /// What Kubernetes takes a format's regular expression to be long.
    private static final int FORMAT_REGEX = 128;
    /// What it takes a format to be long.
    private static final int FORMAT_SIZE = 64;

    /// @param resultSize null where the call says nothing of it
    record Estimate(Cost cost, @Nullable Cost resultSize) {
        static Estimate of(Cost cost) {
            return new Estimate(cost, null);
        }
    }

    Estimate estimate(CelExpr call) {
        Estimate own = library();
        if (own != null) {
            return new Estimate(own.cost().plus(argumentCosts()), own.resultSize());
        }
        return standard(call);
    }

    private Cost argumentCosts() {
        return costs.stream().reduce(Cost.NONE, Cost::plus);
    }

    private @Nullable Estimate library() {
        return switch (function) {
            case "check" -> Estimate.of(Cost.fixed(AUTHORIZATION));
            case "fieldSelector", "labelSelector" -> arguments.size() == 1 ? Estimate.of(selector()) : null;
            case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf" -> target == null ? null : wholeList(target);
            case "url" -> ofArgument(1, true);
            case "lowerAscii", "upperAscii", "substring", "trim" ->
                target == null ? null : new Estimate(target.size().times(Cost.TRAVERSAL), target.size());
            case "replace" -> target != null && arguments.size() >= 2 ? replace(target) : null;
            case "split" -> target == null ? null : split(target);
            case "join" -> target == null ? null : join(target);
            case "find", "findAll" -> target != null && !arguments.isEmpty() ? find(target) : null;
            case "cidr", "isIP", "isCIDR", "quantity", "isQuantity", "semver", "isSemver" -> ofArgument(1, false);
            case "sets.contains", "sets.intersects" -> Estimate.of(pairs(1));
            case "sets.equivalent" -> Estimate.of(pairs(2));
            case "ip" -> overload.equals("cidr_ip") ? Estimate.of(Cost.ONE) : ofArgument(1, false);
            case "ip.isCanonical" -> ofArgument(2, false);
            case "containsIP", "containsCIDR" -> arguments.isEmpty() ? null : Estimate.of(network());
            case "validate" ->
                arguments.isEmpty()
                        ? null
                        : Estimate.of(arguments
                                .getFirst()
                                .size()
                                .times(Cost.TRAVERSAL)
                                .times(FORMAT_REGEX * Cost.REGEX));
            default -> null;
        };
    }

    /// Every element of one list is compared with every element of the other.
    private Cost pairs(long times) {
        return arguments
                .get(0)
                .size()
                .times(arguments.get(1).size())
                .times(Cost.fixed(times))
                .plus(Cost.ONE);
    }

    private Cost selector() {
        Cost length = arguments.getFirst().size();
        return Cost.fixed(Cost.LIST_CREATION)
                .plus(length.times(Cost.TRAVERSAL))
                .plus(length.times(0.5).times((double) (Cost.LIST_CREATION + Cost.STRUCT_CREATION)));
    }

    private Estimate wholeList(Operand list) {
        CelType element = element(list);
        if (element == null) {
            return Estimate.of(list.size().times(Cost.TRAVERSAL));
        }
        Cost each = Cost.ONE;
        if (element.kind() == CelKind.STRING || element.kind() == CelKind.BYTES) {
            each = each.plus(elementSize(list).times(Cost.TRAVERSAL));
        }
        return Estimate.of(list.size().times(each));
    }

    private static @Nullable CelType element(Operand list) {
        return list.type().parameters().isEmpty()
                ? null
                : list.type().parameters().get(0);
    }

    private Cost elementSize(Operand list) {
        var path = new ArrayList<>(list.path());
        path.add("@items");
        CelType element = element(list);
        return of.sizeAt(path, element == null ? SimpleType.DYN : element).orElse(Cost.UNKNOWN);
    }

    private @Nullable Estimate ofArgument(int times, boolean sizes) {
        if (arguments.isEmpty()) {
            return null;
        }
        Cost size = arguments.getFirst().size();
        return new Estimate(size.times(times * Cost.TRAVERSAL), sizes ? size : null);
    }

    private Estimate replace(Operand text) {
        Cost size = text.size();
        Cost old = arguments.get(0).size();
        Cost by = arguments.get(1).size();
        long most = old.min() == 0 ? Cost.sum(size.max(), 1) : 0;
        long mostKept = size.max();
        if (old.min() > 0 && by.max() > old.min()) {
            most = (long) Math.ceil((double) size.max() / old.min());
            mostKept = 0;
        }
        long fewest = old.max() == 0 ? Cost.sum(size.min(), 1) : 0;
        long fewestKept = size.min();
        if (old.max() > 0 && old.max() > by.min()) {
            fewest = (long) Math.ceil((double) size.min() / old.max());
            fewestKept = 0;
        }
        Cost result = new Cost(fewest, most).times(by).plus(new Cost(fewestKept, mostKept));
        return new Estimate(size.times(2 * Cost.TRAVERSAL), result);
    }

    private Estimate split(Operand text) {
        long most = text.size().max();
        if (arguments.size() > 1 && arguments.get(1).expression().getKind() == Kind.CONSTANT) {
            long limit = arguments.get(1).expression().constant().int64Value();
            most = limit < 0 ? Cost.MAX : limit;
        }
        return new Estimate(text.size().times(2 * Cost.TRAVERSAL), new Cost(0, most));
    }

    private Estimate join(Operand list) {
        Cost size = element(list) == null ? Cost.NONE : list.size().times(elementSize(list));
        if (!arguments.isEmpty()) {
            Cost separators = new Cost(
                    Math.max(list.size().min() - 1, 0), Math.max(list.size().max() - 1, 0));
            size = size.plus(arguments.getFirst().size().times(separators));
        }
        return new Estimate(size.times(Cost.TRAVERSAL), size);
    }

    private Estimate find(Operand text) {
        return new Estimate(
                regex(text.size(), arguments.getFirst().size()),
                new Cost(0, text.size().max()));
    }

    private static Cost regex(Cost text, Cost pattern) {
        return text.plus(Cost.ONE).times(Cost.TRAVERSAL).times(pattern.times(Cost.REGEX));
    }

    private Cost network() {
        Cost bytes = new Cost(4, 16);
        Cost cost = bytes.plus(bytes).times(Cost.TRAVERSAL);
        if (function.equals("containsCIDR")) {
            cost = cost.plus(bytes.times(Cost.TRAVERSAL)).plus(Cost.ONE);
        }
        boolean parses = overload.endsWith("_string");
        return parses ? cost.plus(arguments.getFirst().size().times(Cost.TRAVERSAL)) : cost;
    }

    private Estimate standard(CelExpr call) {
        Cost sum = argumentCosts();
        return switch (overload) {
            case "string_format" ->
                Estimate.of(
                        target == null
                                ? sum.plus(Cost.ONE)
                                : target.size().times(Cost.TRAVERSAL).plus(sum));
            case "string_to_bytes" -> sized(sum, size -> new Cost(size.min(), Cost.product(size.max(), 4)));
            case "strings_quote" ->
                sized(sum, size -> new Cost(2, 2).plus(new Cost(size.min(), Cost.product(size.max(), 2))));
            case "bytes_to_string" -> sized(sum, size -> new Cost(size.min() / 4, size.max()));
            case "starts_with_string", "ends_with_string" ->
                Estimate.of(arguments.getFirst().size().times(Cost.TRAVERSAL).plus(sum));
            case "in_list" -> Estimate.of(arguments.get(1).size().plus(sum));
            case "matches", "matches_string" ->
                target == null
                        ? Estimate.of(
                                regex(arguments.get(0).size(), arguments.get(1).size())
                                        .plus(sum))
                        : Estimate.of(regex(target.size(), arguments.getFirst().size())
                                .plus(sum));
            case "contains_string" -> Estimate.of(contains().plus(sum));
            case "logical_or", "logical_and" ->
                // the second operand may never be looked at
                Estimate.of(new Cost(costs.get(0).min(), sum.max()));
            case "conditional" -> conditional(call);
            case "add_string", "add_bytes", "add_list" -> concatenation(call, sum);
            case "less_string",
                    "greater_string",
                    "less_equals_string",
                    "greater_equals_string",
                    "less_bytes",
                    "greater_bytes",
                    "less_equals_bytes",
                    "greater_equals_bytes",
                    "equals",
                    "not_equals" -> Estimate.of(comparison().plus(sum));
            default -> Estimate.of(Cost.ONE.plus(sum));
        };
    }

    private Estimate sized(Cost sum, java.util.function.UnaryOperator<Cost> result) {
        Cost size = arguments.getFirst().size();
        return new Estimate(size.times(Cost.TRAVERSAL).plus(sum), result.apply(size));
    }

    private Cost contains() {
        Cost text = target == null ? Cost.UNKNOWN : target.size();
        return text.times(Cost.TRAVERSAL).times(arguments.getFirst().size().times(Cost.TRAVERSAL));
    }

    private Estimate conditional(CelExpr call) {
        CelExpr first = arguments.get(1).expression();
        CelExpr second = arguments.get(2).expression();
        of.entries(call, union(of.entriesOf(first), of.entriesOf(second)));
        Cost cost = costs.get(0).plus(costs.get(1).union(costs.get(2)));
        return new Estimate(cost, arguments.get(1).size().union(arguments.get(2).size()));
    }

    private Estimate concatenation(CelExpr call, Cost sum) {
        Cost size = arguments.get(0).size().plus(arguments.get(1).size());
        of.entries(
                call,
                union(
                        of.entriesOf(arguments.get(0).expression()),
                        of.entriesOf(arguments.get(1).expression())));
        Cost cost = overload.equals("add_list") ? Cost.ONE : size.times(Cost.TRAVERSAL);
        return new Estimate(cost.plus(sum), size);
    }

    private static @Nullable Entries union(@Nullable Entries a, @Nullable Entries b) {
        return a == null || b == null ? null : a.union(b);
    }

    private Cost comparison() {
        CelType left = arguments.get(0).type();
        if (left.kind() == CelKind.OPAQUE && left.equals(arguments.get(1).type())) {
            return ofObjects(left);
        }
        long smaller =
                Math.min(arguments.get(0).size().max(), arguments.get(1).size().max());
        return new Cost(smaller > 0 ? 1 : 0, smaller).times(Cost.TRAVERSAL);
    }

    /// Formats and URLs are compared by their texts.
    private Cost ofObjects(CelType type) {
        if (type.equals(CelObjects.FORMAT)) {
            return new Cost(1, FORMAT_SIZE).times(Cost.TRAVERSAL);
        }
        return type.equals(CelObjects.URL)
                ? new Cost(1, arguments.get(1).size().max()).times(Cost.TRAVERSAL)
                : Cost.ONE;
    }
}
