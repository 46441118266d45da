package io.insula.node.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.io.IOException;

/// Ports by number or name. Stateless.
final class Ports {

    private static final int HIGHEST = 65_535;

    private Ports() {}

    /// @throws IOException where the container has no port of that name
    static int of(Container container, IntOrString port) throws IOException {
        int number = port.getIntVal() != null ? port.getIntVal() : named(container, port.getStrVal());
        if (number < 1 || number > HIGHEST) {
            throw new IOException("invalid port number: " + number);
        }
        return number;
    }

    private static int named(Container container, String name) throws IOException {
        for (ContainerPort port : container.getPorts()) {
            if (name.equals(port.getName())) {
                return port.getContainerPort();
            }
        }
        try {
            return Integer.parseInt(name);
        } catch (NumberFormatException e) {
            throw new IOException("strconv.Atoi: parsing \"" + name + "\": invalid syntax", e);
        }
    }
}
