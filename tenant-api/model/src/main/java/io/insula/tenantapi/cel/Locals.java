package io.insula.tenantapi.cel;

import io.insula.tenantapi.cel.CostEstimate.Entries;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The variables that an expression itself declares, innermost first. Used once, by one thread.
final class Locals {

    private final Map<String, Deque<Local>> stacks = new HashMap<>();

    /// What is known of one.
    ///
    /// @param path where its value comes from, as [DeclaredSizes] has it
    record Local(
            List<String> path,
            @Nullable Cost size,
            @Nullable Entries entries) {}

    @Nullable
    Local find(String name) {
        Deque<Local> stack = stacks.get(name);
        return stack == null ? null : stack.peek();
    }

    void push(String name, Local local) {
        stacks.computeIfAbsent(name, _ -> new ArrayDeque<>()).push(local);
    }

    void pop(String name) {
        Deque<Local> stack = stacks.get(name);
        if (stack != null) {
            stack.pop();
        }
    }
}
