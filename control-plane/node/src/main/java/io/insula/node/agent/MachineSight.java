package io.insula.node.agent;

import io.insula.node.eviction.Observed;
import io.insula.node.eviction.Observed.Left;
import io.insula.node.eviction.Signal;
import io.insula.node.machine.FileSystems;
import io.insula.node.machine.Machine;
import io.insula.node.machine.Vitals;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this machine has left: the node is short of what the machine is short of, whoever took it. Stateless.
final class MachineSight {

    private static final Logger LOG = LoggerFactory.getLogger(MachineSight.class);

    private MachineSight() {}

    static Observed look(Path pods, Path images) {
        var left = new EnumMap<Signal, Left>(Signal.class);
        try {
            left.put(Signal.MEMORY, new Left(Vitals.memoryBytes(), Machine.memoryBytes()));
            long most = Vitals.mostProcesses();
            left.put(Signal.PROCESSES, new Left(most - Vitals.processes(), most));
            disk(left, pods, Signal.NODE_FILES, Signal.NODE_INODES);
            disk(left, images, Signal.IMAGE_FILES, Signal.IMAGE_INODES);
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("cannot see what the machine has left");
        }
        return new Observed(left);
    }

    private static void disk(Map<Signal, Left> left, Path path, Signal bytes, Signal files) throws IOException {
        FileSystems.Room room = FileSystems.of(path);
        left.put(bytes, new Left(room.bytesLeft(), room.bytes()));
        if (room.files() > 0) {
            left.put(files, new Left(room.filesLeft(), room.files()));
        }
    }
}
