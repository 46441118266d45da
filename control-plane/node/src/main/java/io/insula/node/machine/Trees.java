package io.insula.node.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Removes folders with all in them, but never what is mounted there: a node binds folders of the machine below its
/// own, and a removal that went through such a mount would take the machine with it. Links are removed, not followed.
/// Stateless.
public final class Trees {

    private static final Path MOUNTS = Path.of("/proc/self/mounts");
    /// How the kernel writes spaces, tabs, line ends and backslashes in its table of mounts. Source: proc(5).
    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

    private Trees() {}

    /// @throws IOException naming what is mounted there, and then nothing has been removed
    public static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> mounted = mountsAtOrBelow(folder);
        if (!mounted.isEmpty()) {
            throw new IOException(folder + " is not removed, as something is mounted there: " + mounted);
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /// The youngest last; none where there is no such folder.
    public static List<Path> mountsAtOrBelow(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        Path real = folder.toRealPath();
        return Files.readString(MOUNTS, StandardCharsets.UTF_8)
                .lines()
                .map(line -> Path.of(unescaped(line.split(" ", -1)[1])))
                .filter(mount -> mount.startsWith(real))
                .toList();
    }

    static String unescaped(String text) {
        Matcher escaped = ESCAPED.matcher(text);
        return escaped.replaceAll(
                match -> Matcher.quoteReplacement(Character.toString((char) Integer.parseInt(match.group(1), 8))));
    }
}
