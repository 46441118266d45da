package io.insula.node.containerd;

import io.insula.node.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the kernel offers to us. Stateless.
final class Kernel {

    private static final Path SELF = Path.of("/proc/self/status");
    private static final Pattern CAPABILITIES = Pattern.compile("(?m)^CapEff:\\s*([0-9a-f]+)$");
    /// `CAP_SYS_RESOURCE`. Source: capabilities(7).
    private static final int SYS_RESOURCE = 24;

    private Kernel() {}

    static boolean hasAppArmor() {
        return Machine.hasAppArmor();
    }

    /// Whether we may have the kernel kill others first when memory runs out (`oom_score_adj` below our own). Root in
    /// a container often may not, and a container that asks for it would not start.
    static boolean maySparePods() {
        Matcher capabilities = CAPABILITIES.matcher(read(SELF));
        return capabilities.find() && (Long.parseUnsignedLong(capabilities.group(1), 16) >> SYS_RESOURCE & 1) == 1;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
