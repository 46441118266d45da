package io.insula.tenantapi.cel.library;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelFunctionBinding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Declarations of functions together with what they do. Confined to the thread that builds it, then read only.
public final class CelFunctions {

    /// What a function does; its arguments have the declared types, the target of a member function first.
    @FunctionalInterface
    interface Body {
        Object apply(Object[] arguments);
    }

    private final Map<String, List<CelOverloadDecl>> overloads = new LinkedHashMap<>();
    private final List<CelFunctionBinding> bindings = new ArrayList<>();

    CelFunctions() {}

    /// `name(a, b)`
    CelFunctions global(String name, String id, CelType result, Body body, CelType... arguments) {
        return add(name, CelOverloadDecl.newGlobalOverload(id, result, List.of(arguments)), body, arguments);
    }

    /// `a.name(b)`
    CelFunctions member(String name, String id, CelType result, Body body, CelType... arguments) {
        return add(name, CelOverloadDecl.newMemberOverload(id, result, List.of(arguments)), body, arguments);
    }

    public List<CelFunctionDecl> declarations() {
        return overloads.entrySet().stream()
                .map(e -> CelFunctionDecl.newFunctionDeclaration(e.getKey(), e.getValue()))
                .toList();
    }

    public List<CelFunctionBinding> bindings() {
        return List.copyOf(bindings);
    }

    // what a body closes over is never changed
    @SuppressWarnings("Immutable")
    private CelFunctions add(String name, CelOverloadDecl overload, Body body, CelType... arguments) {
        overloads.computeIfAbsent(name, n -> new ArrayList<>()).add(overload);
        List<Class<?>> classes =
                Stream.of(arguments).<Class<?>>map(CelFunctions::javaClass).toList();
        bindings.add(CelFunctionBinding.from(overload.overloadId(), classes, body::apply));
        return this;
    }

    private static Class<?> javaClass(CelType type) {
        return switch (type.kind()) {
            case STRING -> String.class;
            case INT -> Long.class;
            case DOUBLE -> Double.class;
            case BOOL -> Boolean.class;
            case LIST -> List.class;
            case MAP -> Map.class;
            case OPAQUE -> CelObjects.javaClass(type);
            default -> {
                if (type.kind() != CelKind.DYN && type.kind() != CelKind.TYPE_PARAM) {
                    throw new IllegalArgumentException("argument type: " + type);
                }
                yield Object.class;
            }
        };
    }
}
