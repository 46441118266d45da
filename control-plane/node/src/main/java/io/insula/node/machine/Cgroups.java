package io.insula.node.machine;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Control groups of this machine, of version 1 (a hierarchy for each controller) and 2 (one for all). Stateless.
public final class Cgroups {

    private static final Logger LOG = LoggerFactory.getLogger(Cgroups.class);
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    /// In each group of version 2, and in none of version 1's folder of hierarchies.
    private static final String OF_VERSION_2 = "cgroup.controllers";

    private static final String MAX = "max";
    private static final long USUAL_PERIOD_MICROS = 100_000;
    private static final Set<String> OURS = Set.of("cpu", "memory", "pids");

    private Cgroups() {}

    /// Removes a group and those below it, in every hierarchy; one in which a process is stays, which is only logged.
    ///
    /// @param path as containers are given it, e.g. `/insula-1a2b3c4d`
    public static void removeEmpty(String path) throws IOException {
        removeEmpty(ROOT, path);
    }

    static void removeEmpty(Path root, String path) throws IOException {
        for (Path hierarchy : hierarchies(root)) {
            Path top = hierarchy.resolve(path.substring(1));
            if (!Files.isDirectory(top)) {
                continue;
            }
            List<Path> groups;
            try (Stream<Path> all = Files.walk(top)) {
                groups = all.filter(Files::isDirectory)
                        .sorted(Comparator.reverseOrder())
                        .toList();
            }
            for (Path group : groups) {
                remove(group);
            }
        }
    }

    /// Makes a group where it is missing and bounds it. What a machine has no controller for stays without.
    ///
    /// @param path as containers are given it
    /// @throws IOException where the kernel refuses a bound
    public static void bound(String path, CgroupBounds bounds) throws IOException {
        bound(ROOT, path, bounds);
    }

    static void bound(Path root, String path, CgroupBounds bounds) throws IOException {
        if (!Files.isDirectory(root)) {
            return;
        }
        if (Files.exists(root.resolve(OF_VERSION_2))) {
            boundUnified(root, path.substring(1), bounds);
            return;
        }
        String none = "-1";
        var cpu = new LinkedHashMap<String, String>();
        if (bounds.cpuShares() > 0) {
            cpu.put("cpu.shares", Long.toString(bounds.cpuShares()));
        }
        if (bounds.cpuPeriodMicros() > 0) {
            cpu.put("cpu.cfs_period_us", Long.toString(bounds.cpuPeriodMicros()));
        }
        cpu.put("cpu.cfs_quota_us", text(bounds.cpuQuotaMicros(), none));
        write(root.resolve("cpu"), path.substring(1), cpu);
        write(
                root.resolve("memory"),
                path.substring(1),
                Map.of("memory.limit_in_bytes", text(bounds.memoryBytes(), none)));
        write(root.resolve("pids"), path.substring(1), Map.of("pids.max", text(bounds.processes(), MAX)));
    }

    /// Processes and threads in a group and below; 0 where nobody counts them.
    public static long processes(String path) throws IOException {
        Path root = Files.exists(ROOT.resolve(OF_VERSION_2)) ? ROOT : ROOT.resolve("pids");
        Path file = root.resolve(path.substring(1)).resolve("pids.current");
        return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
    }

    private static void boundUnified(Path root, String path, CgroupBounds bounds) throws IOException {
        Path group = root;
        for (Path part : Path.of(path)) {
            delegate(group);
            group = group.resolve(part);
            Files.createDirectories(group);
        }
        var values = new LinkedHashMap<String, String>();
        values.put("cpu.weight", Long.toString(bounds.weight()));
        long period = bounds.cpuPeriodMicros() == 0 ? USUAL_PERIOD_MICROS : bounds.cpuPeriodMicros();
        values.put("cpu.max", text(bounds.cpuQuotaMicros(), MAX) + " " + period);
        values.put("memory.max", text(bounds.memoryBytes(), MAX));
        values.put("pids.max", text(bounds.processes(), MAX));
        String controllers = read(root.resolve(path).resolve(OF_VERSION_2));
        for (var value : values.entrySet()) {
            String controller = value.getKey().substring(0, value.getKey().indexOf('.'));
            if (List.of(controllers.split("\\s+", -1)).contains(controller)) {
                Files.writeString(group.resolve(value.getKey()), value.getValue());
            }
        }
    }

    /// Lets the groups below be bounded; one controller after the other, as the kernel takes all that it is told or
    /// none.
    private static void delegate(Path group) throws IOException {
        String allowed = read(group.resolve("cgroup.subtree_control"));
        for (String controller : read(group.resolve(OF_VERSION_2)).split("\\s+", -1)) {
            if (OURS.contains(controller) && !List.of(allowed.split("\\s+", -1)).contains(controller)) {
                try {
                    Files.writeString(group.resolve("cgroup.subtree_control"), "+" + controller);
                } catch (FileSystemException e) {
                    // of a container that we run in ourselves, with processes in its topmost group
                    LOG.atWarn()
                            .addKeyValue("group", group)
                            .addKeyValue("controller", controller)
                            .addKeyValue("problem", e.getReason())
                            .log("groups below cannot be bounded");
                }
            }
        }
    }

    private static String read(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file).strip() : "";
    }

    private static void write(Path hierarchy, String path, Map<String, String> values) throws IOException {
        if (!Files.isDirectory(hierarchy)) {
            return;
        }
        Path group = Files.createDirectories(hierarchy.resolve(path));
        for (var value : values.entrySet()) {
            Files.writeString(group.resolve(value.getKey()), value.getValue());
        }
    }

    private static String text(long bound, String none) {
        return bound > 0 ? Long.toString(bound) : none;
    }

    private static void remove(Path group) {
        try {
            Files.deleteIfExists(group);
        } catch (DirectoryNotEmptyException e) {
            LOG.atDebug().addKeyValue("group", group).log("a control group has others below it");
        } catch (FileSystemException e) {
            LOG.atWarn().addKeyValue("group", group).setCause(e).log("a control group is still in use");
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("group", group).setCause(e).log("cannot remove a control group");
        }
    }

    private static List<Path> hierarchies(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        if (Files.exists(root.resolve(OF_VERSION_2))) {
            return List.of(root);
        }
        try (Stream<Path> all = Files.list(root)) {
            return new ArrayList<>(all.filter(path -> Files.isDirectory(path) && !Files.isSymbolicLink(path))
                    .toList());
        }
    }
}
