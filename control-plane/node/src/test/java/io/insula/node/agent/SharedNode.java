package io.insula.node.agent;

import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// One node for all tests of a JVM that only run pods on it, as a parameter: each class names its pods after
/// itself, and ends them. Skips where [TestContainerd] does.
final class SharedNode implements ParameterResolver {

    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(SharedNode.class);

    private final TestContainerd containerd = new TestContainerd();

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestNode.class;
    }

    @Override
    public TestNode resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // of the root's store too, and made before the node: so it outlives the node
        OwnContainerd shared = containerd.resolveParameter(parameter, context);
        return context.getRoot().getStore(STORE).computeIfAbsent(TestNode.class, _ -> start(shared), TestNode.class);
    }

    private static TestNode start(OwnContainerd containerd) {
        try {
            return new TestNode("shared", containerd, UnaryOperator.identity());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
