package io.insula.node.machine;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Control groups of this machine, of version 1 (a hierarchy for each controller) and 2 (one for all). Stateless.
public final class Cgroups {

    private static final Logger LOG = LoggerFactory.getLogger(Cgroups.class);
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    /// In each group of version 2, and in none of version 1's folder of hierarchies.
    private static final String OF_VERSION_2 = "cgroup.controllers";

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
