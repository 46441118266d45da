package io.insula.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/// Where another JVM's threads spend their time: a flight recording, begun and ended by `jcmd`, as text. Times of the
/// compiler and the collector are not in it.
final class Profile {

    private static final String NAME = "insula-bench";
    private static final int SHOWN = 40;
    private static final String OURS = "io.insula.";

    private final long pid;
    private final Path folder;

    private Profile(long pid, Path folder) {
        this.pid = pid;
        this.folder = folder;
    }

    /// Begins to record.
    static Profile start(long pid, Path folder) throws IOException, InterruptedException {
        jcmd(pid, "JFR.start", "name=" + NAME, "settings=profile");
        return new Profile(pid, folder);
    }

    /// Ends the recording.
    ///
    /// @return what was found, for people
    String stop() throws IOException, InterruptedException {
        Path file = folder.resolve("profile.jfr");
        jcmd(pid, "JFR.stop", "name=" + NAME, "filename=" + file.toAbsolutePath());
        List<RecordedEvent> samples = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.ExecutionSample"))
                .filter(event -> event.getStackTrace() != null)
                .toList();
        return samples.size() + " samples\n"
                + table("threads", samples, event -> Stream.of(thread(event)))
                + table("innermost frame", samples, event -> frames(event).limit(1))
                + table("innermost frame of ours", samples, event -> ours(event).limit(1))
                + table(
                        "anywhere on the stack, ours",
                        samples,
                        event -> ours(event).distinct());
    }

    private static String table(
            String title, List<RecordedEvent> samples, Function<RecordedEvent, Stream<String>> names) {
        Map<String, Long> counted = samples.stream()
                .flatMap(names)
                .collect(Collectors.groupingBy(n -> n, TreeMap::new, Collectors.counting()));
        return "\n" + title + "\n"
                + counted.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                        .limit(SHOWN)
                        .map(e -> "%5.1f %%  %s%n".formatted(100.0 * e.getValue() / samples.size(), e.getKey()))
                        .collect(Collectors.joining());
    }

    /// Without the numbers that tell threads of one kind apart.
    private static String thread(RecordedEvent event) {
        RecordedThread thread = event.getThread("sampledThread");
        String name = thread == null || thread.getJavaName() == null ? "?" : thread.getJavaName();
        return name.isEmpty() ? "virtual" : name.replaceAll("[0-9a-f-]*[0-9]+", "#");
    }

    private static Stream<String> frames(RecordedEvent event) {
        return event.getStackTrace().getFrames().stream().map(Profile::name);
    }

    private static Stream<String> ours(RecordedEvent event) {
        return frames(event).filter(name -> name.startsWith(OURS)).map(name -> name.substring(OURS.length()));
    }

    private static String name(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
    }

    private static void jcmd(long pid, String... words) throws IOException, InterruptedException {
        String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process process = new ProcessBuilder(Stream.concat(Stream.of(program, Long.toString(pid)), Stream.of(words))
                        .toList())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("jcmd: " + said);
        }
    }
}
