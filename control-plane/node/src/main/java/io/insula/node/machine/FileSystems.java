package io.insula.node.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// What file systems have left, files too, which Java does not say. Writes nothing. Stateless.
public final class FileSystems {

    private FileSystems() {}

    /// @param bytesLeft for who is not root
    /// @param files 0 where the file system does not count them
    public record Room(long bytesLeft, long bytes, long filesLeft, long files) {}

    /// Of the file system that a path is on.
    public static Room of(Path path) throws IOException {
        Process stat = new ProcessBuilder(
                        List.of("stat", "--file-system", "--format=%S %a %b %d %c", "--", path.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        String[] numbers = said.split(" ", -1);
        if (numbers.length != 5) {
            throw new IOException("cannot tell how full the file system of " + path + " is");
        }
        long block = Long.parseLong(numbers[0]);
        return new Room(
                block * Long.parseLong(numbers[1]),
                block * Long.parseLong(numbers[2]),
                Long.parseLong(numbers[3]),
                Long.parseLong(numbers[4]));
    }
}
